"""The patrol over cameras that nobody looks at: a few at a time, the longest unseen first, and it gives way."""

from dataclasses import replace

import msgspec
import pytest

from controlroom.bridge.picture_patrol import GIVE_UP_S, LOOK_S, PicturePatrol
from controlroom.domain.camera import Camera, CameraHealth, PictureFault
from controlroom.domain.events import CamerasDeclared, PicturesLooked
from controlroom.domain.picture_look import FRESH, PictureLook
from controlroom.hub.picture_claims import PictureClaims
from controlroom.seat.status import LinkState
from controlroom.video.share import Share, Why
from controlroom.video.signal import SignalState, View
from controlroom.wire.pictures import ClaimPictures
from tests.widgets.told_feeds import ToldFeeds
from tests.wiring.conftest import Desk, desk

__all__ = ["desk"]
FINE = View(SignalState.LIVE, 0.1, faults=())


class Walk:
    """A patrol with two streams at a time over four cameras and one that is offline."""

    def __init__(self, desk: Desk, at_once: int = 2) -> None:
        self.desk, self.feeds, self.told = desk, ToldFeeds(), list[tuple[str, tuple[PictureFault, ...] | None]]()
        self.now_s = 0.0
        cameras = [Camera(id=name, name=name, url=f"rtsp://h/{name}") for name in "abcd"]
        dead = Camera(id="x", name="x", url="rtsp://h/x", health=CameraHealth.OFFLINE)
        desk.happen(CamerasDeclared((*cameras, dead, Camera(id="y", name="y"))))
        self.claims = PictureClaims(desk.pump.room)
        self.patrol = PicturePatrol(
            self.feeds,
            desk.pump,
            lambda: self.now_s,
            lambda camera, faults: self.told.append((camera.id, faults)),
            lambda asked: self.granted(self.patrol, asked),
            at_once,
            "",
            desk.owner,
        )

    def granted(self, patrol: PicturePatrol, asked: tuple[str, ...], seat: str = "one") -> None:
        claimed = self.claims.claim(ClaimPictures(seat=seat, cameras=asked), self.desk.clock.now())
        patrol.grant(asked, claimed.cameras)

    def after(self, seconds: float) -> str:
        self.now_s += seconds
        self.desk.second()
        return "".join(sorted(self.patrol._open))


@pytest.fixture
def walk(desk: Desk) -> Walk:
    return Walk(desk)


def test_all_that_can_be_watched_are_looked_at_a_few_at_a_time_and_then_anew(walk: Walk) -> None:
    assert walk.after(1) == "ab"
    for name in "ab":
        walk.feeds.of(name).told = FINE
    assert walk.after(LOOK_S - 1) == "ab", "a look takes its time"
    assert walk.after(1) == "cd" and walk.feeds.of("a").is_closed
    walk.feeds.of("c").told = msgspec.structs.replace(FINE, faults=(PictureFault.COVERED,))
    assert walk.after(LOOK_S) == "d" and walk.told == [("a", ()), ("b", ()), ("c", (PictureFault.COVERED,))]
    progress = walk.patrol.progress()
    assert (progress.looked, progress.cameras, progress.faulty, progress.open) == (3, 4, 1, 1)
    assert walk.after(GIVE_UP_S - LOOK_S) == "" and walk.told[-1] == ("d", None)
    walk.desk.clock.advance(FRESH.total_seconds() - 60)
    assert walk.after(1) == "", "nothing is looked at twice while what was seen is fresh"
    walk.desk.clock.advance(60)
    assert walk.after(1) == "ab", "what was looked at longest ago"


def test_what_another_seat_looked_at_is_left_until_that_is_old(walk: Walk) -> None:
    seen = [PictureLook(camera=name, at=walk.desk.clock.now(), faults=(PictureFault.BLACK,)) for name in "ac"]
    walk.desk.happen(PicturesLooked(tuple(seen)))
    assert walk.after(1) == "bd"
    progress = walk.patrol.progress()
    assert (progress.looked, progress.faulty, progress.oldest) == (2, 2, seen[0].at)


def test_it_opens_no_more_while_decoding_is_short_and_nothing_without_its_hub(walk: Walk) -> None:
    walk.after(1)
    walk.feeds.of("a").told = msgspec.structs.replace(FINE, share=Share(why=Why.BUDGET))
    assert walk.after(LOOK_S) == "b" and walk.patrol.progress().is_waiting
    assert walk.after(1) == "bc", "the next look opens again"
    walk.desk.hand.status = replace(walk.desk.hand.status, state=LinkState.LOST)
    assert walk.after(1) == "" and all(feed.is_closed for feeds in walk.feeds.open.values() for feed in feeds)


def test_switched_off_it_opens_nothing(desk: Desk) -> None:
    walk = Walk(desk, 0)
    assert walk.after(1) == "" and not walk.feeds.open
