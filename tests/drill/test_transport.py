from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from controlroom.domain.drill import Transport
from controlroom.drill.transport import Cue, Playhead


@dataclass(frozen=True)
class Line:
    t_ms: int
    number: int


class Playback(RuleBasedStateMachine):
    """An officer plays with the controls while time passes; every line must come out once and in its order."""

    END = 60_000

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.head = Playhead(0, self.END, 0.0, self.now)
        times = [0, 0, 5, 900, 899, 30_000, 30_000, 29_000, 59_999, 60_000]
        self.lines = [Line(t, n) for n, t in enumerate(times)]
        self.cue = Cue(iter(self.lines))
        self.out: list[Line] = []
        self.position = 0.0

    def change(self, head: Playhead) -> None:
        assert head.position_ms(self.now) == pytest.approx(self.head.position_ms(self.now))
        self.head = head

    @rule(seconds=st.floats(0.0, 20.0))
    def time_passes(self, seconds: float) -> None:
        before = self.head.position_ms(self.now)
        self.now += seconds
        moved = self.head.position_ms(self.now) - before
        if not self.head.playing:
            assert moved == 0.0
        assert moved <= seconds * 1000 * self.head.speed + 1e-6

    @rule()
    def play(self) -> None:
        self.change(self.head.play(self.now))

    @rule()
    def pause(self) -> None:
        self.change(self.head.pause(self.now))

    @rule(speed=st.floats(0.1, 32.0))
    def pace(self, speed: float) -> None:
        self.change(self.head.pace(speed, self.now))

    @rule(transport=st.sampled_from(Transport), speed=st.floats(0.1, 32.0))
    def obey(self, transport: Transport, speed: float) -> None:
        self.change(self.head.obey(transport, speed, self.now))

    @rule(most=st.integers(1, 4))
    def take(self, most: int) -> None:
        position = self.head.position_ms(self.now)
        taken = self.cue.take(position, most)
        assert all(line.t_ms <= position for line in taken)
        self.out.extend(taken)

    @precondition(lambda self: not self.head.playing)
    @rule()
    def nothing_passes_in_a_pause_but_what_was_due(self) -> None:
        while taken := self.cue.take(self.head.position_ms(self.now), 10):
            self.out.extend(taken)
        self.now += 1000.0
        assert self.cue.take(self.head.position_ms(self.now), 10) == []

    @invariant()
    def nothing_is_skipped_or_doubled(self) -> None:
        assert self.out == self.lines[: len(self.out)]

    @invariant()
    def the_position_never_goes_back(self) -> None:
        position = self.head.position_ms(self.now)
        assert self.position <= position <= self.END
        self.position = position

    def teardown(self) -> None:
        self.head = self.head.play(self.now)
        self.now += self.END / 1000 / 0.1 + 1
        assert self.head.transport(self.now) is Transport.ENDED
        self.out.extend(self.cue.take(self.head.position_ms(self.now), 100))
        assert self.out == self.lines
        assert self.cue.exhausted


TestPlayback = Playback.TestCase


@given(speed=st.one_of(st.floats(max_value=0.099), st.floats(min_value=32.01), st.just(float("nan"))))
def test_a_speed_outside_the_allowed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Playhead(0, 1, 0.0, 0.0).pace(speed, 0.0)


def test_an_empty_recording_is_over_at_once() -> None:
    head = Playhead(5, 5, 5.0, 0.0)
    assert head.ended(0.0)
    assert Cue(iter(list[Line]())).exhausted


def test_a_recording_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends"):
        Playhead(5, 4, 5.0, 0.0)
