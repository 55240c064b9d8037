"""Guidance is inherited along area, kind and point, and every line says where it is from."""

from typing import Any

import msgspec
import pytest

from controlroom.domain.guidance import Advice, Contact, Guidance, Nearness, advice, decode_guidance
from controlroom.domain.kinds import decode_kinds
from controlroom.domain.severity import Severity
from resources import path
from tests.bridge.models.district import alarms

ALARM = msgspec.structs.replace(
    alarms(1)[0],
    kind="methane",
    place="礼贤镇综合管廊03",
    sensor="methane-003-0001",
    camera="",
    severity=Severity.ORANGE,
)
AREA = Guidance(areas=("礼贤",), act=("通知机场",), cameras=("c-area",))
KIND = Guidance(kinds=("methane",), means=("甲烷",), act=("启动风机",), near_plots=("oxygen",))
POINT = Guidance(points=("methane-003-*",), act=("启动风机", "关3号阀"), cameras=("c-point", "c-area"))
ALL = Guidance(call=(Contact(who="值班长", number="8001", why="报告"),))


def test_the_nearest_comes_first_and_nothing_is_told_twice() -> None:
    told = advice([ALL, AREA, KIND, POINT], ALARM)
    assert [(line.text, line.nearness, line.origin) for line in told.act] == [
        ("启动风机", Nearness.POINT, "methane-003-0001"),
        ("关3号阀", Nearness.POINT, "methane-003-0001"),
        ("通知机场", Nearness.AREA, "礼贤"),
    ]
    assert [(line.text, line.nearness) for line in told.means] == [("甲烷", Nearness.KIND)]
    assert [(line.text, line.nearness) for line in told.call] == [("值班长 8001：报告", Nearness.DISTRICT)]
    assert told.cameras == ("c-point", "c-area") and told.near_plots == ("oxygen",)


@pytest.mark.parametrize(
    "other",
    [
        {"points": ("methane-004-*",)},
        {"kinds": ("oxygen",)},
        {"areas": ("榆垡",)},
        {"severities": (Severity.RED,)},
        {"kinds": ("methane",), "areas": ("榆垡",)},
    ],
)
def test_every_condition_of_a_piece_must_fit(other: dict[str, Any]) -> None:
    assert advice([Guidance(act=("x",), **other)], ALARM) == Advice()


def test_the_program_says_what_to_do_about_every_kind_it_knows() -> None:
    pieces = [p for file in sorted(path("data", "guidance").glob("*.toml")) for p in decode_guidance(file.read_bytes())]
    kinds = decode_kinds(path("data", "sensor_kinds.toml").read_bytes())
    lacking = []
    for kind in (*kinds, "camera_fault", "emergency_call", "hydrant_open", "smoke", "hotline", "grid_case", "11B03"):
        told = advice(pieces, msgspec.structs.replace(ALARM, kind=kind, severity=Severity.BLUE, place=""))
        if not (told.means and told.act and told.call):
            lacking.append(kind)
    assert not lacking
    named = {kind for piece in pieces for kind in piece.near_plots}
    assert named <= set(kinds), named - set(kinds)


def test_a_piece_with_a_word_that_is_not_known_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_guidance(b'edition = "x"\n[[guidance]]\nkinds = ["a"]\ndo = ["b"]\n')
