"""Patrols of several seats and one hub: whatever is slow, late or lost, no camera is open on two seats at once."""

from datetime import timedelta
from types import SimpleNamespace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PySide6.QtCore import QObject, Signal

from controlroom.bridge.picture_patrol import PicturePatrol
from controlroom.domain.camera import Camera, PictureFault
from controlroom.domain.events import CamerasDeclared, Event, PicturesLooked
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.room import Room
from controlroom.hub.picture_claims import PictureClaims
from controlroom.seat.status import LinkState
from controlroom.video.signal import SignalState, View
from controlroom.wire.pictures import ClaimPictures
from tests.rooms import NOON
from tests.widgets.told_feeds import ToldFeeds

SEATS = 3
CAMERAS = [Camera(id=name, name=name, url=f"rtsp://h/{name}") for name in "abcd"]


def happen(room: Room, event: Event) -> None:
    room.apply(room.sequence + 1, event)


class Mirror(QObject):
    """What a patrol needs of a seat's pump; it hears of looks later than the hub."""

    ticked = Signal(object)
    room_reset = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()
        happen(self.room, CamerasDeclared(tuple(CAMERAS)))
        self.status = SimpleNamespace(state=LinkState.LIVE)


class Patrols(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.hub = Room()
        happen(self.hub, CamerasDeclared(tuple(CAMERAS)))
        self.claims = PictureClaims(self.hub)
        self.asked: list[tuple[int, tuple[str, ...]]] = []
        self.answers: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []
        self.told: list[PictureLook] = []
        self.unheard: list[tuple[int, PicturesLooked]] = []
        self.feeds = [ToldFeeds() for _seat in range(SEATS)]
        self.mirrors = [Mirror() for _seat in range(SEATS)]
        self.patrols = [
            PicturePatrol(
                self.feeds[k],
                self.mirrors[k],
                lambda: self.now_s,
                self.tell,
                lambda cameras, k=k: self.asked.append((k, cameras)),
                2,
                f"desk-{k}",
            )
            for k in range(SEATS)
        ]

    def tell(self, camera: Camera, faults: tuple[PictureFault, ...] | None) -> None:
        at = NOON + timedelta(seconds=self.now_s)
        self.told.append(PictureLook(camera=camera.id, at=at, faults=faults or (), had_picture=faults is not None))

    @rule(seconds=st.sampled_from([1, 5, 20, 70, 400]), dead=st.booleans())
    def time_passes(self, seconds: int, dead: bool) -> None:
        for _second in range(min(seconds, 25)):
            self.now_s += 1 if seconds <= 25 else seconds / 25
            for feeds in self.feeds:
                for each in (feed for held in feeds.open.values() for feed in held):
                    each.told = View(SignalState.CONNECTING) if dead else View(SignalState.LIVE, 0.1, faults=())
            for mirror in self.mirrors:
                mirror.ticked.emit(NOON + timedelta(seconds=self.now_s))

    @rule(most=st.integers(1, 4), is_last_first=st.booleans())
    def the_hub_answers(self, most: int = 9, is_last_first: bool = False) -> None:
        now = NOON + timedelta(seconds=self.now_s)
        for _question in range(min(most, len(self.asked))):
            seat, cameras = self.asked.pop(-1 if is_last_first else 0)
            claimed = self.claims.claim(ClaimPictures(seat=str(seat), cameras=cameras), now)
            self.answers.append((seat, cameras, claimed.cameras))

    @rule(most=st.integers(1, 4), is_last_first=st.booleans())
    def answers_arrive(self, most: int = 9, is_last_first: bool = False) -> None:
        for _answer in range(min(most, len(self.answers))):
            seat, cameras, granted = self.answers.pop(-1 if is_last_first else 0)
            self.patrols[seat].grant(cameras, granted)

    @rule()
    def the_hub_hears_of_looks(self) -> None:
        for look in self.told:
            happen(self.hub, PicturesLooked((look,)))
            self.unheard += [(seat, PicturesLooked((look,))) for seat in range(SEATS)]
        self.told.clear()

    @rule(seat=st.integers(0, SEATS - 1))
    def a_seat_hears_of_looks(self, seat: int) -> None:
        for _seat, event in (each for each in self.unheard if each[0] == seat):
            happen(self.mirrors[seat].room, event)
        self.unheard = [each for each in self.unheard if each[0] != seat]

    @rule(seat=st.integers(0, SEATS - 1))
    def a_seat_loses_its_hub(self, seat: int) -> None:
        self.mirrors[seat].room_reset.emit()

    @invariant()
    def no_camera_is_open_twice(self) -> None:
        held = [
            camera
            for feeds in self.feeds
            for camera, opened in feeds.open.items()
            for feed in opened
            if not feed.is_closed
        ]
        assert len(held) == len(set(held))


Patrols.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestPatrols = Patrols.TestCase


def test_three_patrols_share_the_cameras_and_look_at_all_of_them() -> None:
    patrols = Patrols()
    for _round in range(12):
        patrols.time_passes(1, False)
        patrols.the_hub_answers()
        patrols.answers_arrive()
        patrols.no_camera_is_open_twice()
    patrols.time_passes(20, False)
    assert {look.camera for look in patrols.told} == set("abcd") and len(patrols.told) == 4
