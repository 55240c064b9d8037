"""The report of the benchmarks."""

import json

from tests.bench import report
from tests.bench.report import Document, Measure


def test_the_json_has_the_promised_keys() -> None:
    document = Document(
        "alarms", [Measure("ingest", 10.0, "1/s", 5.0), Measure("peer", None, "ms", note="mpv is absent")]
    )
    told = json.loads(report.as_json(document))
    assert told["bench"] == "alarms"
    assert told["measures"][0] == {"name": "ingest", "value": 10.0, "unit": "1/s", "baseline": 5.0, "note": ""}
    assert told["measures"][1]["value"] is None


def test_the_table_lines_up_also_with_chinese() -> None:
    document = Document("墙", [Measure("九宫格", 12345.6, "fps", 100.0), Measure("peer", None, "ms", note="absent")])
    lines = report.as_table([document]).splitlines()
    assert "12,346" in lines[2]
    assert "123" in lines[2]
    assert lines[3].endswith("absent")


def test_an_unknown_benchmark_is_refused() -> None:
    assert "report" not in report.names()
    assert not any(name.startswith("test_") for name in report.names())
