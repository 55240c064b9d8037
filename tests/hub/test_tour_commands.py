"""Guard tours by command: made by one seat, driven by another, every refusal, and nothing lost over a restart."""

from datetime import timedelta

import msgspec
import pytest

from controlroom.domain.room import Room
from controlroom.domain.tour import Tour, TourStep, TourStop
from controlroom.domain.wall import TileKind, WallScreen, WallTile
from controlroom.hub import tour_commands
from controlroom.wire.camera_groups import MakeCameraGroup
from controlroom.wire.messages import Refusal
from controlroom.wire.tours import DriveTour, RemoveTour, SetTour
from controlroom.wire.walls import ArrangeWall
from tests.hub.test_wall_commands import Desks

ROUND = Tour(name="夜巡", stops=(TourStop(camera="a"), TourStop(camera="b")), dwell_s=10, must_s=4)


@pytest.fixture
def desks() -> Desks:
    return Desks()


def test_a_tour_of_one_seat_is_everybodys_and_remembers_who_did_what(desks: Desks) -> None:
    identity = desks.do(SetTour(tour=ROUND)).created
    made = desks.room.tours[identity]
    assert (made.author, made.by, made.begun_at) == ("王one", "王one", desks.now)
    desks.do(ArrangeWall(wall="w", screens=[WallScreen(tiles=(WallTile(kind=TileKind.CAROUSEL, tour=identity),))]))
    desks.do(DriveTour(tour=identity, step=TourStep.PAUSE), "two")
    assert desks.room.tours[identity].paused_by == "王two"
    desks.now += timedelta(seconds=30)
    desks.do(DriveTour(tour=identity, step=TourStep.GO_ON))
    assert desks.room.tours[identity].begun_at == desks.now
    desks.do(SetTour(tour=msgspec.structs.replace(made, name="日巡")), "two")
    changed = desks.room.tours[identity]
    assert (changed.name, changed.author, changed.by) == ("日巡", "王one", "王two")
    again = Room()
    again.restore(desks.room.sequence, desks.room.snapshot())
    assert again.digest() == desks.room.digest()
    desks.do(RemoveTour(tour=identity))
    assert not desks.room.tours


def test_nobody_steps_on_before_a_stop_was_seen_for_as_long_as_it_must(desks: Desks) -> None:
    identity = desks.do(SetTour(tour=ROUND)).created
    desks.now += timedelta(seconds=3)
    assert desks.refused(DriveTour(tour=identity, step=TourStep.NEXT)) is Refusal.NOT_ALLOWED
    desks.now += timedelta(seconds=1)
    desks.do(DriveTour(tour=identity, step=TourStep.NEXT))
    assert desks.room.tours[identity].begun_at == desks.now - timedelta(seconds=10)
    desks.do(DriveTour(tour=identity, step=TourStep.PREVIOUS))
    assert desks.room.tours[identity].begun_at == desks.now, "back one may look at any time"


def test_what_cannot_be_a_tour_is_refused(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    own = desks.do(MakeCameraGroup(name="我的", shared=False, cameras=["a"])).created
    all_of = desks.do(MakeCameraGroup(name="桥", shared=True, cameras=["a"])).created
    for stop, why in (
        (TourStop(camera="x"), Refusal.UNKNOWN_OBJECT),
        (TourStop(group="x"), Refusal.UNKNOWN_OBJECT),
        (TourStop(group=own), Refusal.NOT_ALLOWED),
    ):
        assert desks.refused(SetTour(tour=msgspec.structs.replace(ROUND, stops=(stop,)))) is why
    identity = desks.do(SetTour(tour=msgspec.structs.replace(ROUND, stops=(TourStop(group=all_of),)))).created
    assert desks.refused(SetTour(tour=ROUND)) is Refusal.ALREADY_DONE
    assert desks.refused(SetTour(tour=msgspec.structs.replace(ROUND, name="  "))) is Refusal.REASON_REQUIRED
    assert desks.refused(DriveTour(tour=identity, step=TourStep.GO_ON)) is Refusal.ALREADY_DONE
    for body in (
        SetTour(tour=msgspec.structs.replace(ROUND, id="x", name="y")),
        DriveTour(tour="x", step=TourStep.NEXT),
        RemoveTour(tour="x"),
        ArrangeWall(wall="w", screens=[WallScreen(tiles=(WallTile(kind=TileKind.CAROUSEL, tour="x"),))]),
    ):
        assert desks.refused(body) is Refusal.UNKNOWN_OBJECT
    monkeypatch.setattr(tour_commands, "TOURS_MOST", 1)
    assert desks.refused(SetTour(tour=msgspec.structs.replace(ROUND, name="二"))) is Refusal.TOO_LARGE
