"""Cameras of a map that come by the thousand, in slices between which the officer is heard."""

import pytest
from pytestqt.qtbot import QtBot

from controlroom.domain.camera import Camera, CameraHealth, PictureFault
from controlroom.domain.place import Point
from controlroom.mapping.layers import CameraState
from controlroom.wiring import camera_points
from controlroom.wiring.camera_points import CameraPoints


class Drawn:
    """What a map was told."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.states: list[CameraState] = []
        self.shown = 0

    def set_cameras(self, ids: list[str], names: list[str], lon: list[float], lat: list[float], states: list[CameraState], kinds: list[str]) -> None:  # fmt: skip # noqa: E501
        assert len(ids) == len(names) == len(lon) == len(lat) == len(states) == len(kinds)
        self.ids, self.states, self.shown = list(ids), list(states), self.shown + 1

    def update_camera_states(self, indices: list[int], states: list[CameraState]) -> None:
        for index, state in zip(indices, states, strict=True):
            self.states[index] = state


@pytest.fixture
def held() -> dict[str, Camera]:
    return {str(k): Camera(id=str(k), name=f"c{k}", point=Point(116.3, 39.7) if k % 3 else None) for k in range(50)}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    monkeypatch.setattr(camera_points, "SLICE", 10)
    return Drawn()


def with_health(camera: Camera, health: CameraHealth) -> Camera:
    return Camera(id=camera.id, name=camera.name, health=health)


def test_many_new_cameras_are_shown_by_and_by_and_none_is_missed(
    qtbot: QtBot, held: dict[str, Camera], drawn: Drawn
) -> None:
    points = CameraPoints(drawn, lambda: held, lambda: False, None)
    points.show(list(held))
    assert drawn.shown == 0, "not at once"
    held["3"] = with_health(held["3"], CameraHealth.OFFLINE)  # it was looked at already, or will be
    held["49"] = with_health(held["49"], CameraHealth.ONLINE)
    points.show(["3", "49"])
    held["new"] = Camera(id="new", name="new", faults=(PictureFault.BLACK,), health=CameraHealth.ONLINE)
    points.show(["new"])
    qtbot.waitUntil(lambda: drawn.shown == 1)
    assert drawn.ids == list(held)
    told = dict(zip(drawn.ids, drawn.states, strict=True))
    assert (told["3"], told["49"], told["new"], told["5"]) == (
        CameraState.OFFLINE,
        CameraState.ONLINE,
        CameraState.FAULTY,
        CameraState.UNKNOWN,
    )
    held["7"] = with_health(held["7"], CameraHealth.ONLINE)
    points.show(["7"])
    assert drawn.shown == 1 and drawn.states[drawn.ids.index("7")] is CameraState.ONLINE


def test_few_and_all_are_shown_at_once(qtbot: QtBot, held: dict[str, Camera], drawn: Drawn) -> None:
    points = CameraPoints(drawn, lambda: held, lambda: False, None)
    points.show_all()
    assert drawn.shown == 1 and len(drawn.ids) == 50
    points.show_all()
    held.clear()
    points.show_all()
    assert drawn.ids == []
    held["a"] = Camera(id="a", name="a")
    points.show(["a"])
    assert drawn.ids == ["a"]


def test_of_the_past_nothing_is_known_but_the_place(qtbot: QtBot, held: dict[str, Camera], drawn: Drawn) -> None:
    held["1"] = with_health(held["1"], CameraHealth.OFFLINE)
    points = CameraPoints(drawn, lambda: held, lambda: True, None)
    points.show_all()
    points.show(["1"])
    qtbot.waitUntil(lambda: drawn.shown == 2)
    assert set(drawn.states) == {CameraState.UNKNOWN}
