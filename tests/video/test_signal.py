import hypothesis.strategies as st
from hypothesis import given
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controlroom.video.fault import Fault, Trouble
from controlroom.video.load import Depth, Load
from controlroom.video.signal import (
    Patience,
    Signal,
    SignalState,
    arrived,
    connected,
    failed,
    hurt,
    pictured,
    seen,
    stopped,
    thinned,
    weighed,
)

PATIENCE = Patience()


def state(held: Signal, at_s: float) -> SignalState:
    return seen(held, at_s, PATIENCE).state


def live(at_s: float = 10.0) -> Signal:
    return pictured(arrived(connected(Signal(0.0)), at_s), at_s)


def test_a_new_stream_is_connecting_until_its_first_picture() -> None:
    held = connected(Signal(0.0))
    assert state(held, 30.0) is SignalState.CONNECTING
    assert state(pictured(held, 30.0), 30.1) is SignalState.LIVE


def test_a_stream_that_stops_is_frozen_within_six_seconds_and_tells_its_age() -> None:
    view = seen(live(10.0), 16.0, PATIENCE)
    assert view.state is SignalState.FROZEN
    assert view.age_s == 6.0


def test_packets_without_pictures_are_frozen_within_two_seconds() -> None:
    held = live(10.0)
    for k in range(1, 51):
        held = arrived(held, 10.0 + k * 0.04)
    assert state(held, 12.0) is SignalState.FROZEN


def test_a_slow_camera_stays_live() -> None:
    held = live(10.0)
    assert state(held, 13.5) is SignalState.LIVE, "3.5 s of silence may be a hiccup of the network"
    assert state(pictured(arrived(held, 13.6), 13.6), 13.7) is SignalState.LIVE


def test_a_lost_connection_is_not_live_even_with_a_fresh_picture() -> None:
    held = failed(live(10.0), Trouble(Fault.ENDED), 10.1)
    assert state(held, 10.1) is SignalState.FROZEN
    assert state(connected(held), 10.3) is SignalState.FROZEN, "until a new picture comes"
    assert state(pictured(connected(held), 10.5), 10.5) is SignalState.LIVE


def test_after_a_minute_the_old_picture_goes_and_the_reason_stays() -> None:
    held = failed(failed(live(10.0), Trouble(Fault.ENDED), 10.1), Trouble(Fault.NOBODY, "camera.example:554"), 12.0)
    assert state(held, 60.0) is SignalState.FROZEN
    view = seen(held, 71.0, PATIENCE)
    assert view.state is SignalState.NO_SIGNAL
    assert view.trouble is not None and "camera.example:554" in view.trouble.sentence


def test_a_refusal_is_told_at_once() -> None:
    assert state(failed(live(10.0), Trouble(Fault.NOT_FOUND), 10.1), 10.2) is SignalState.REFUSED
    assert state(failed(Signal(0.0), Trouble(Fault.UNAUTHORISED), 0.1), 0.2) is SignalState.REFUSED


def test_what_is_switched_off_says_so() -> None:
    assert state(stopped(live(10.0)), 10.0) is SignalState.OFF


def test_a_damaged_stream_that_moves_is_degraded_until_it_heals() -> None:
    held = hurt(live(10.0), 10.1)
    assert state(held, 10.2) is SignalState.DEGRADED
    assert state(pictured(arrived(held, 13.0), 13.0), 13.2) is SignalState.LIVE


def test_key_pictures_alone_are_degraded_and_frozen_only_when_one_is_missing() -> None:
    load = Load((0.01, 0.0, 0.0), (0.5, 24.5, 0.0), key_gap_s=2.0)
    held = weighed(thinned(live(10.0), Depth.KEYS), load)
    for k in range(1, 80):
        held = arrived(held, 10.0 + k * 0.04)
    assert state(held, 12.9) is SignalState.DEGRADED, "the next key picture is due at 12"
    assert state(held, 13.2) is SignalState.FROZEN
    assert seen(pictured(held, 13.3), 13.4, PATIENCE).is_moving


@given(st.sampled_from(Fault))
def test_every_fault_has_a_sentence_of_its_own(fault: Fault) -> None:
    sentence = Trouble(fault, "there").sentence
    assert len(sentence) > 8
    assert all(Trouble(other, "there").sentence != sentence for other in Fault if other is not fault)


class Story(RuleBasedStateMachine):
    """Anything may happen in any order; what is said of the picture stays true."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 100.0
        self.held = Signal(self.now_s)
        self.picture_s: float | None = None
        self.packets: list[float] = []
        self.is_up = False

    @rule(by_s=st.floats(0.0, 8.0))
    def time_passes(self, by_s: float) -> None:
        self.now_s += by_s

    @rule()
    def the_server_answers(self) -> None:
        self.held, self.is_up = connected(self.held), True

    @rule()
    def a_packet_comes(self) -> None:
        if self.is_up:
            self.held = arrived(self.held, self.now_s)
            self.packets.append(self.now_s)

    @rule()
    def a_picture_comes(self) -> None:
        if self.is_up:
            self.held = pictured(self.held, self.now_s)
            self.picture_s, self.packets = self.now_s, []
            assert seen(self.held, self.now_s, PATIENCE).is_live

    @rule(fault=st.sampled_from(Fault))
    def the_stream_is_lost(self, fault: Fault) -> None:
        self.held, self.is_up = failed(self.held, Trouble(fault), self.now_s), False

    @invariant()
    def live_is_never_said_of_an_old_or_lost_picture(self) -> None:
        view = seen(self.held, self.now_s, PATIENCE)
        if view.is_live:
            assert self.is_up and self.picture_s is not None
            assert self.now_s - self.picture_s < 6.0
            flowing = self.packets and self.packets[-1] - self.picture_s >= 2.0
            assert not flowing, "packets flowed for two seconds without a picture"

    @invariant()
    def ages_and_reasons_are_true(self) -> None:
        view = seen(self.held, self.now_s, PATIENCE)
        assert (view.age_s is None) == (self.picture_s is None)
        assert view.age_s is None or abs(view.age_s - (self.now_s - (self.picture_s or 0.0))) < 1e-6
        if view.state in (SignalState.REFUSED, SignalState.NO_SIGNAL):
            assert view.trouble is not None
        if view.state is SignalState.REFUSED:
            assert view.trouble is not None and view.trouble.fault.is_refusal


TestStory = Story.TestCase


def test_a_stream_that_sends_the_same_picture_again_and_again_is_frozen_within_six_seconds() -> None:
    held = pictured(connected(Signal(0.0)), 10.0)
    for tenth in range(1, 60):
        held = pictured(arrived(held, 10.0 + tenth / 10), 10.0 + tenth / 10, changed=False)
    view = seen(held, 16.0, PATIENCE)
    assert (view.state, view.age_s) == (SignalState.FROZEN, 6.0)
    assert state(pictured(held, 16.1), 16.2) is SignalState.LIVE
