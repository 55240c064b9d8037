"""Recordings of the platform over RTSP: played from a time on, at a speed, sought, and at their end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.video.archive import Archive
from controlroom.video.fleet import Engine, Fleet
from controlroom.video.past import PastState, Where
from controlroom.video.rtsp.playing import Played, Playing, played
from tests.rooms import wait_until
from tests.video.broadcast import RATE, FilmServer, films
from tests.video.clocks import ShiftedClock
from tests.video.rtsp.relay import Manners, Relay, relaying
from tests.video.test_replay import BEGAN_S, Look

CAMERA = "34020000001320000001"
STEP_PX = 6


@pytest.fixture
def server() -> Iterator[FilmServer]:
    with films() as server:
        yield server


@contextmanager
def looking(clock: ShiftedClock, server: FilmServer, relay: Relay, query: str = "") -> Iterator[Look]:
    """A look at a camera whose recordings a platform has, which gives the relay's address."""
    server.films["/ask"] = "application/json", b'{"data": {"url": "%s"}}' % relay.url().encode(), 0.0
    fleet = Fleet(clock, engine=Engine.THREADS, archive=Archive(template=server.url("/ask") + "?camera={id}" + query))
    fleet.start()
    try:
        yield Look(fleet.recall(Where(camera=CAMERA)))
    finally:
        fleet.close()


def is_right(look: Look) -> bool:
    """Whether the newest picture is the one that was taken when it says; the square is drawn by its number."""
    at_s, left = look.pictures[-1]
    number = round((at_s - BEGAN_S) * RATE)
    return abs(left - number * STEP_PX % 280) <= STEP_PX


def plays(relay: Relay) -> int:
    return sum(line.startswith("PLAY") for line in relay.heard)


@pytest.mark.parametrize("has_tcp", [True, False])
def test_a_moment_is_asked_for_by_its_time_and_dated_by_what_the_server_says(
    clock: ShiftedClock, server: FilmServer, has_tcp: bool
) -> None:
    with relaying(Manners(recorded_s=BEGAN_S, has_tcp=has_tcp)) as relay, looking(clock, server, relay) as look:
        wait_until(look.shows(BEGAN_S + 20.0))
        assert "range: clock=20261120T080019.500Z-" in relay.heard
        assert abs(look.pictures[-1][0] - BEGAN_S - 20.0) < 0.1 and is_right(look)
        assert look.feed.past().origin == "platform"


def test_an_address_that_holds_the_time_is_played_from_its_beginning(clock: ShiftedClock, server: FilmServer) -> None:
    with relaying(Manners(recorded_s=BEGAN_S)) as relay, looking(clock, server, relay, "&from={from_s}") as look:
        wait_until(look.shows(BEGAN_S + 1.0))
        assert "range: npt=0.000-" in relay.heard


def test_it_plays_on_at_its_rate_in_one_session(clock: ShiftedClock, server: FilmServer) -> None:
    with relaying(Manners(recorded_s=BEGAN_S)) as relay, looking(clock, server, relay) as look:
        wait_until(look.shows(BEGAN_S + 5.0))
        look.feed.seek(BEGAN_S + 5.0, 1.0)
        wait_until(passes(look, BEGAN_S + 6.5))
        shown = {at_s for at_s, _left in look.pictures if at_s > BEGAN_S + 5.2}
        assert len(shown) > 20 and is_right(look) and plays(relay) <= 2


def passes(look: Look, at_s: float) -> Callable[[], bool]:
    def has_passed() -> bool:
        look.left()
        return bool(look.pictures) and look.pictures[-1][0] >= at_s

    return has_passed


@pytest.mark.parametrize("knows_speed", [True, False])
def test_it_is_played_faster_by_the_server_or_in_steps(
    clock: ShiftedClock, server: FilmServer, knows_speed: bool
) -> None:
    manners = Manners(recorded_s=BEGAN_S, knows_speed=knows_speed)
    with relaying(manners) as relay, looking(clock, server, relay) as look:
        wait_until(look.shows(BEGAN_S + 5.0))
        look.feed.seek(BEGAN_S + 5.0, 4.0)
        wait_until(passes(look, BEGAN_S + 11.0))
        assert "scale: 4.000" in relay.heard and is_right(look)
        if knows_speed:
            assert plays(relay) <= 3


def test_a_seek_ahead_begins_anew_instead_of_waiting_for_what_lies_between(
    clock: ShiftedClock, server: FilmServer
) -> None:
    with relaying(Manners(recorded_s=BEGAN_S)) as relay, looking(clock, server, relay) as look:
        wait_until(look.shows(BEGAN_S + 2.0))
        wait_until(look.shows(BEGAN_S + 17.0), 5.0)
        assert plays(relay) == 2 and is_right(look)
        wait_until(look.shows(BEGAN_S + 3.0), 5.0)
        assert is_right(look)


@pytest.mark.parametrize(
    "goodbye",
    [
        bytes((0x80, 203, 0, 1)) + bytes(4),
        b'ANNOUNCE rtsp://x RTSP/1.0\r\nCSeq: 1\r\nX-Notice: 2101 "End-of-Stream Reached"\r\n\r\n',
        b"TEARDOWN rtsp://x RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    ],
    ids=["bye", "announce", "teardown"],
)
def test_its_end_is_told_and_no_picture_stands_for_what_follows(
    clock: ShiftedClock, server: FilmServer, goodbye: bytes
) -> None:
    manners = Manners(recorded_s=BEGAN_S, frames=3 * RATE, says_goodbye=True, goodbye=goodbye)
    with relaying(manners) as relay, looking(clock, server, relay) as look:
        wait_until(look.shows(BEGAN_S + 2.5))
        look.feed.seek(BEGAN_S + 9.0, 0.0)
        wait_until(look.has(PastState.NOTHING))
        wait_until(look.shows(BEGAN_S + 1.0))
        assert is_right(look)


@given(st.text(max_size=40), st.text(max_size=12))
def test_any_answer_is_understood_or_left_aside(told_range: str, told_scale: str) -> None:
    found = played(told_range, told_scale)
    assert 0.01 <= found.speed <= 256.0


def test_what_is_asked_is_what_an_answer_of_the_same_words_tells() -> None:
    asked = dict(Playing(BEGAN_S + 0.25, 2.0).fields)
    assert played(asked["Range"], asked["Scale"]) == Played(BEGAN_S + 0.25, 2.0)
    assert played("npt=0.000-", "") == played("clock=99999999T999999Z-", "fast") == Played()
