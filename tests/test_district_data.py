"""What a district lays over our tables: its file wins, a wrong one is named, and the hub and the seat judge by it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import resources
from controlroom.district_data import OURS, TABLES, DistrictData
from controlroom.doctor import State, tables
from controlroom.domain.duty import decode_duty_plan
from controlroom.domain.times import to_ms
from controlroom.errors import EnvironmentFault
from controlroom.hub.plans import district_plans
from tests.rooms import hub_in, seat_on, source_of


def ours(name: str) -> str:
    return resources.path("data", *name.split("/")).read_text("utf-8")


def lay(folder: Path, name: str, text: str) -> Path:
    file = folder.joinpath(*name.split("/"))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_laid_over_and_a_wrong_one_is_named(name: str, tmp_path: Path) -> None:
    lay(tmp_path, name, ours(name))
    data = DistrictData(tmp_path)
    assert (data.laid_over(), data.faults()) == ([name], [])
    lay(tmp_path, name, 'surprise = "[[["\n[[[')
    (sentence,) = data.faults()
    assert name.split("/")[-1] in sentence
    with pytest.raises(EnvironmentFault):
        data.decoded(name, TABLES[name])


def test_a_table_that_is_missing_a_part_of_a_standard_is_wrong(tmp_path: Path) -> None:
    lay(tmp_path, "standards/noise.toml", 'edition = "?"\n')
    with pytest.raises(EnvironmentFault, match="noise"):
        DistrictData(tmp_path).limit_book({})


def test_a_wrong_file_is_told_and_ours_stands_in_for_it_where_the_room_must_go_on(tmp_path: Path) -> None:
    lay(tmp_path, "duty.toml", "edition = 7")
    told: list[str] = []
    plan = DistrictData(tmp_path, told.append).decoded("duty.toml", decode_duty_plan)
    assert plan == OURS.decoded("duty.toml", decode_duty_plan)
    assert len(told) == 1 and "duty.toml" in told[0]


def test_a_file_that_may_not_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "duty.toml").mkdir()
    with pytest.raises(EnvironmentFault, match=r"duty\.toml"):
        district_plans(DistrictData(tmp_path))


def test_a_hub_judges_by_the_limits_of_the_district(tmp_path: Path) -> None:
    lay(tmp_path, "standards/flood.toml", re.sub(r"depth_cm = [0-9.]+", "depth_cm = 3.0", ours("standards/flood.toml")))
    sensors = {"type": "sensors", "sensors": [{"id": "f", "name": "桥", "kind": "flood_depth", "unit": "cm"}]}
    reading = {"type": "readings", "ids": ["f"], "values": [4.0], "times": [to_ms(datetime.now(UTC))]}
    with hub_in(tmp_path, district=DistrictData(tmp_path)) as hub, source_of(hub.ports.ingest) as source:
        assert source.hand_in(sensors, reading)["accepted"] == 2
        with seat_on(hub.ports.requests) as seat:
            seat.until(lambda: "limits/limit/f" in seat.mirror.room.alarms)
            assert "3 cm" in seat.mirror.room.alarms["limits/limit/f"].title


def test_the_doctor_tells_what_is_laid_over_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    (finding,) = tables(tmp_path)
    assert finding.state is State.OK and str(tmp_path) in finding.text
    lay(tmp_path, "duty.toml", ours("duty.toml"))
    (finding,) = tables(tmp_path)
    assert finding.state is State.OK and "duty.toml" in finding.text
    lay(tmp_path, "duty.toml", "edition = 7")
    (finding,) = tables(tmp_path)
    assert finding.state is State.BAD and "duty.toml" in finding.advice
