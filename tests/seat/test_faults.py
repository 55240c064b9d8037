"""A link under faults: it fails aloud, forgets nothing it owes an officer, and stays within its bounds."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zmq

from controlroom.clock import SystemClock
from controlroom.errors import EnvironmentFault, LinkLost
from controlroom.hub import desk as desks
from controlroom.hub import server
from controlroom.seat import catching_up, judgement, questions
from controlroom.seat.delivery import Reset
from controlroom.seat.link import Link
from controlroom.seat.sequencer import Sequencer
from controlroom.seat.status import LinkState
from controlroom.wire import codec, keys
from controlroom.wire.messages import DigestWanted, Part, Reply, SnapshotWanted
from tests.rooms import HubProcess, Seat, alarm, hub_in, seat_on, source_of, wait_until
from tests.seat.test_link import equal


def test_what_is_asked_of_a_hub_that_never_comes_fails_and_is_not_done_later(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "ANSWER_S", 0.3)
    with seat_on(free_port) as seat, pytest.raises(LinkLost):
        seat.link.ask(DigestWanted()).result(10)


def test_what_is_asked_of_a_closed_link_fails_at_once(free_port: int) -> None:
    link = Link(f"tcp://127.0.0.1:{free_port}", SystemClock())
    link.start()
    link.close()
    with pytest.raises(LinkLost):
        link.ask(DigestWanted()).result(5)


def test_a_link_that_fails_says_so_and_comes_back(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expect_log,
) -> None:
    monkeypatch.setattr(judgement, "LOST_S", 1.0)
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        with expect_log("controlroom.seat.link", "failed"), monkeypatch.context() as broken:
            broken.setattr(Sequencer, "heard_of", lambda *_a: {}["a bug of ours"])
            wait_until(lambda: seat.link.status.state is LinkState.LOST and bool(seat.link.status.trouble))
        source.hand_in(alarm("a"))
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        seat.until(lambda: "backend/a" in seat.mirror.room.alarms)
        equal(seat)
        assert seat.link.status.trouble == ""


def test_a_link_that_nobody_drains_keeps_a_bounded_number_of_events(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expect_log,
) -> None:
    monkeypatch.setattr(catching_up, "OUT_MOST", 100)
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        with expect_log("controlroom.seat.catching_up", "nobody took"):
            for number in range(30):
                source.hand_in(*(alarm(f"k{number}-{n}") for n in range(20)))
                assert len(seat.link._out) <= 200
            wait_until(lambda: any(isinstance(each, Reset) for each in list(seat.link._out)))
        seat.until(lambda: len(seat.mirror.room.alarms) == 600)
        equal(seat)


def test_a_hub_that_went_back_in_time_is_believed(tmp_path: Path, allow_log) -> None:
    allow_log("controlroom.seat.link", "begins anew")
    hub = HubProcess(tmp_path)
    try:
        with seat_on(hub.ports.requests) as seat:
            with source_of(hub.ports.ingest) as source:
                source.hand_in(alarm("a"))
            hub.close()
            shutil.copytree(tmp_path / "data", tmp_path / "backup")
            hub.restart()
            with source_of(hub.ports.ingest) as source:
                source.hand_in(*(alarm(f"lost{n}") for n in range(20)))
                seat.until(lambda: len(seat.mirror.room.alarms) == 21)
                hub.kill()
            shutil.rmtree(tmp_path / "data")
            shutil.copytree(tmp_path / "backup", tmp_path / "data")
            hub.restart()
            seat.until(lambda: set(seat.mirror.room.alarms) == {"backend/a"})
            with source_of(hub.ports.ingest) as source:
                source.hand_in(alarm("b"))
            seat.until(lambda: set(seat.mirror.room.alarms) == {"backend/a", "backend/b"})
            equal(seat)
    finally:
        hub.close()


class Answering:
    """A link whose answers the test gives by hand; its thread is never started."""

    def __init__(self) -> None:
        self.link = Link("tcp://127.0.0.1:1", SystemClock())
        self.sent: list[bytes] = []
        self.link._questions._send = self.sent.append
        self.link._questions.realm = "live"

    def mend(self) -> list[Any]:
        """What the link asks now."""
        self.sent.clear()
        self.link._catching_up.mend()
        return [codec.request(frame).body for frame in self.sent]

    def answer(self, part: Part) -> None:
        number = max(self.link._questions._asked)
        self.link._replied(codec.encode(Reply(id=number, body=part)))


@pytest.fixture
def answering() -> Iterator[Answering]:
    made = Answering()
    yield made
    made.link._waker.close()


def test_a_snapshot_with_a_part_lost_on_the_way_is_asked_for_again(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "OWN_ANSWER_S", 0.0)
    assert isinstance(answering.mend()[0], SnapshotWanted)
    answering.answer(Part(sequence=9, events=(), last=False, number=0))
    answering.answer(Part(sequence=9, events=(), last=True, number=2))
    assert answering.link.take() is None
    assert isinstance(answering.mend()[0], SnapshotWanted)
    answering.answer(Part(sequence=9, events=(), last=True, number=0))
    assert answering.link.take() == Reset(9, [])


def test_a_snapshot_that_cannot_be_read_is_told_and_not_asked_for_without_pause(answering: Answering) -> None:
    answering.mend()
    unknown = msgspec.Raw(codec.encode({"type": "of a newer hub"}))
    answering.answer(Part(sequence=9, events=(unknown,), last=True))
    assert answering.link.status.trouble
    assert answering.mend() == []


def test_a_gap_of_more_than_one_part_is_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "PART", 50)
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source, deaf_seat(hub.ports.requests) as (seat, hear):
        for number in range(60):
            source.hand_in(*(alarm(f"k{number}-{n}") for n in range(100)))
        resets = count_resets(seat, monkeypatch)
        hear()
        seat.until(lambda: len(seat.mirror.room.alarms) == 6000)
        equal(seat)
        assert seat.applied == sorted(seat.applied)
        assert resets == []


@pytest.mark.parametrize("bound", ["REPLAY_MOST", "REPLAY_BYTES"])
def test_a_gap_that_is_too_long_is_answered_by_a_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(desks, bound, 300)
    monkeypatch.setattr(desks, "PART", 50)
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source, deaf_seat(hub.ports.requests) as (seat, hear):
        for number in range(10):
            source.hand_in(*(alarm(f"k{number}-{n}") for n in range(100)))
        resets = count_resets(seat, monkeypatch)
        hear()
        seat.until(lambda: len(seat.mirror.room.alarms) == 1000)
        equal(seat)
        assert resets


@contextlib.contextmanager
def deaf_seat(port: int) -> Iterator[tuple[Seat, Any]]:
    """A live seat that hears no events until `hear` is called, as behind a slow network that dropped them."""
    seat = Seat(port)
    try:
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        link, drained = seat.link, seat.link._drain_events
        mending, mended = link._catching_up, link._catching_up.mend

        def deaf() -> None:
            # Heartbeats pass, so the link stays up; what they tell of is missing.
            link._drain(link._events, lambda frame: link._published(frame) if frame[0] != 1 else None)

        def hear_and_mend() -> None:
            link._drain_events, mending.mend = drained, mended

        link._drain_events, mending.mend = deaf, lambda: None
        yield seat, hear_and_mend
    finally:
        seat.close()


def count_resets(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    resets: list[int] = []
    restored = seat.mirror.room.restore

    def counted(sequence: int, events: Any) -> None:
        resets.append(sequence)
        restored(sequence, events)

    monkeypatch.setattr(seat.mirror.room, "restore", counted)
    return resets


def test_a_key_that_is_taken_away_ends_its_seat_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LOOK_S", 0.1)
    monkeypatch.setattr(judgement, "LOST_S", 1.0)
    folder = tmp_path / "keys"
    hub_keys = keys.create(folder, "hub")
    pairs = {}
    for name in ("one", "two"):
        pairs[name] = keys.create(tmp_path / name, name)
        (folder / "allowed").mkdir(exist_ok=True)
        shutil.copy(tmp_path / name / f"{name}.key", folder / "allowed")
    with hub_in(tmp_path, keys=folder) as hub:
        port = hub.ports.requests
        with (
            seat_on(port, keys=pairs["one"], hub_key=hub_keys.public) as one,
            seat_on(port, keys=pairs["two"], hub_key=hub_keys.public) as two,
        ):
            one.until(lambda: one.link.status.state is LinkState.LIVE)
            two.until(lambda: two.link.status.state is LinkState.LIVE)
            (folder / "allowed" / "one.key").unlink()
            one.until(lambda: one.link.status.state is LinkState.LOST)
            two.until(lambda: two.link.status.state is LinkState.LIVE)
            beats = two.link._beats
            two.until(lambda: two.link._beats > beats + 8)
            assert one.link.status.state is LinkState.LOST
            shutil.copy(tmp_path / "one" / "one.key", folder / "allowed")
            one.until(lambda: one.link.status.state is LinkState.LIVE)


def test_a_broken_key_among_the_admitted_changes_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expect_log,
) -> None:
    monkeypatch.setattr(server, "LOOK_S", 0.1)
    folder = tmp_path / "keys"
    hub_keys, guest = keys.create(folder, "hub"), keys.create(tmp_path / "guest", "guest")
    (folder / "allowed").mkdir()
    shutil.copy(tmp_path / "guest" / "guest.key", folder / "allowed")
    with (
        hub_in(tmp_path, keys=folder) as hub,
        seat_on(hub.ports.requests, keys=guest, hub_key=hub_keys.public) as seat,
    ):
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        with expect_log("controlroom.hub.listening", "stay as they were"):
            (folder / "allowed" / "bad.key").write_text('curve\n    public-key = "short"\n')
            beats = seat.link._beats
            seat.until(lambda: seat.link._beats > beats + 8)
        assert seat.link.status.state is LinkState.LIVE


@pytest.mark.parametrize(
    "text", ["", "curve", 'curve\n    public-key = "short"\n', 'curve\n    public-key = "' + "~" * 40]
)
def test_a_key_file_of_any_content_is_told_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "k.key").write_text(text)
    (tmp_path / "k.key_secret").write_text(text.replace("public", "secret"))
    (tmp_path / "k.key_secret").chmod(0o600)
    for read in (lambda: keys.public_of(tmp_path / "k.key"), lambda: keys.load(tmp_path / "k.key_secret")):
        with pytest.raises(EnvironmentFault, match=r"k\.key"):
            read()


def test_a_seat_whose_thread_stands_still_costs_the_others_nothing(tmp_path: Path) -> None:
    """A stalled reader: connected, subscribed, and never reading."""
    context = zmq.Context()
    stalled = [context.socket(kind) for kind in (zmq.SUB, zmq.DEALER)]
    try:
        with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
            for socket, port in zip(stalled, (hub.ports.events, hub.ports.requests), strict=True):
                socket.setsockopt(zmq.RCVHWM, 1)
                socket.setsockopt(zmq.LINGER, 0)
                if socket.type == zmq.SUB:
                    socket.setsockopt(zmq.SUBSCRIBE, b"")
                socket.connect(f"tcp://127.0.0.1:{port}")
            seat.until(lambda: seat.link.status.state is LinkState.LIVE)
            long = "长" * 3000
            for number in range(20):
                stalled[1].send(codec.encode({"id": number, "body": {"type": "snapshot"}}))
                source.hand_in(*(alarm(f"k{number}-{n}", text=long) for n in range(100)))
                seat.drain()
            seat.until(lambda: len(seat.mirror.room.alarms) == 2000)
            assert seat.link.status.state is LinkState.LIVE
            equal(seat)
    finally:
        context.destroy(linger=0)
