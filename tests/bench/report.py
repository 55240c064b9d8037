"""What a benchmark hands in, and the table and the JSON that are made of it.

A benchmark is a module of this package with `def measure(quick: bool) -> list[Measure]`.
`python -m tests.bench.report [NAME …] [--quick] [--json]` runs them, each in a process of its own.
"""

import argparse
import importlib
import pkgutil
import subprocess
import sys
import unicodedata
from collections.abc import Sequence

import msgspec

import tests.bench


class Measure(msgspec.Struct, frozen=True):
    """One figure; the ratio is against a baseline measured in the same run, since machines differ."""

    name: str
    value: float | None
    """None where it could not be measured; the note says why."""
    unit: str
    baseline: float | None = None
    """In the same unit."""
    note: str = ""


class Document(msgspec.Struct, frozen=True):
    """What `controlroom bench NAME --json` prints."""

    bench: str
    measures: list[Measure]


def names() -> list[str]:
    """The benchmarks that exist."""
    found = {module.name for module in pkgutil.iter_modules(tests.bench.__path__)}
    return [name for name in ("alarms", "wall", "sensors", "map") if name in found]


def run(name: str, quick: bool = False) -> Document:
    """Run one benchmark in this process; KeyError where there is none of that name."""
    if name not in names():
        raise KeyError(name)
    module = importlib.import_module(f"tests.bench.{name}")
    return Document(name, module.measure(quick))


def as_json(document: Document) -> str:
    """The document as one line."""
    return msgspec.json.encode(document).decode()


def as_table(documents: Sequence[Document]) -> str:
    """The figures of several benchmarks under each other."""
    rows = [("bench", "measure", "value", "unit", "baseline", "ratio", "note")]
    for document in documents:
        rows += [
            (document.bench, m.name, _figure(m.value), m.unit, _figure(m.baseline), _ratio(m), m.note)
            for m in document.measures
        ]
    widths = [max(_columns(row[column]) for row in rows) for column in range(6)]
    right = {2, 4, 5}
    lines = []
    for row in rows:
        cells = [
            _pad(cell, width, column in right) for column, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append("  ".join([*cells, row[6]]).rstrip())
    lines.insert(1, "-" * max(map(_columns, lines)))
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _ratio(measure: Measure) -> str:
    if measure.value is None or not measure.baseline:
        return "–"
    return f"{measure.value / measure.baseline:.3g}"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _columns(text))
    return space + text if right else text + space


def _run_apart(name: str, quick: bool) -> Document:
    command = [sys.executable, "-m", "tests.bench.report", name, "--json", "--here", *(["--quick"] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    lines = done.stdout.decode().strip().splitlines()
    if done.returncode or not lines:
        note = f"the benchmark ended with status {done.returncode}"
        return Document(name, [Measure("(failed)", None, "", note=note)])
    return msgspec.json.decode(lines[-1], type=Document)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run benchmarks and write their figures; 1 where one of them failed."""
    parser = argparse.ArgumentParser(prog="bench", description="Run benchmarks, each in a process of its own.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(names())} (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: to see that it works, not how fast")
    parser.add_argument("--json", action="store_true", help="one JSON document a line instead of a table")
    parser.add_argument("--here", action="store_true", help="in this process")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.names) - set(names()))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    documents = []
    for name in chosen.names or names():
        sys.stderr.write(f"bench {name} …\n")
        documents.append(run(name, chosen.quick) if chosen.here else _run_apart(name, chosen.quick))
    lines = [as_json(document) for document in documents] if chosen.json else [as_table(documents)]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(measure.name == "(failed)" for document in documents for measure in document.measures))


if __name__ == "__main__":
    sys.exit(main())
