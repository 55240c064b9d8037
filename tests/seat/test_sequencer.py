"""Whatever is lost, doubled or reordered, what comes out is every event once and in order."""

from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.events import Event, WallChanged
from controlroom.domain.wall import Wall
from controlroom.seat.sequencer import Sequencer


def event(number: int) -> Event:
    return WallChanged(Wall(name=str(number)))


def test_nothing_is_applied_before_the_snapshot() -> None:
    sequencer = Sequencer()
    assert sequencer.event(5, event(5)) == []
    assert sequencer.missing() is None
    assert [number for number, _e in sequencer.snapshot(4)] == [5]


def test_a_gap_is_named_and_filled() -> None:
    sequencer = Sequencer()
    sequencer.snapshot(1)
    assert sequencer.event(4, event(4)) == []
    assert sequencer.missing() == (2, 3)
    assert [n for n, _e in sequencer.event(2, event(2))] == [2]
    assert [n for n, _e in sequencer.event(3, event(3))] == [3, 4]
    assert sequencer.missing() is None


def test_a_heartbeat_shows_that_the_last_event_was_lost() -> None:
    sequencer = Sequencer()
    sequencer.snapshot(7)
    sequencer.heard_of(9)
    assert sequencer.missing() == (8, 9)


def test_a_gap_too_long_to_replay_asks_for_a_snapshot() -> None:
    sequencer = Sequencer()
    sequencer.snapshot(1)
    assert not sequencer.hopeless
    sequencer.heard_of(60_000)
    assert sequencer.hopeless


def test_only_the_very_next_event_is_taken_at_once() -> None:
    sequencer = Sequencer()
    assert not sequencer.follows(1), "no snapshot has come"
    sequencer.snapshot(1)
    assert sequencer.follows(2) and not sequencer.follows(2) and not sequencer.follows(4)
    sequencer.event(4, event(4))
    assert not sequencer.follows(3), "the fourth waits for it and has to come out with it"
    assert [n for n, _e in sequencer.event(3, event(3))] == [3, 4]


@given(st.data())
def test_under_random_loss_all_events_come_out_once_and_in_order(data: st.DataObject) -> None:
    last = data.draw(st.integers(1, 30))
    begun = data.draw(st.integers(0, last))
    sequencer, out = Sequencer(), list[int]()
    arrivals = data.draw(st.permutations([n for n in range(1, last + 1) if data.draw(st.booleans())]))
    at = data.draw(st.integers(0, len(arrivals)))
    for position, number in enumerate([*arrivals, *arrivals[:3]]):
        if position == at:
            out += [n for n, _e in sequencer.snapshot(begun)]
        if sequencer.follows(number):
            out.append(number)
        else:
            out += [n for n, _e in sequencer.event(number, event(number))]
    if sequencer.expected is None:
        out += [n for n, _e in sequencer.snapshot(begun)]
    sequencer.heard_of(last)
    while (span := sequencer.missing()) is not None:
        for number in range(span.first, span.last + 1):
            out += [n for n, _e in sequencer.event(number, event(number))]
    assert out == list(range(begun + 1, last + 1))
