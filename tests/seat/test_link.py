"""A seat is equal to its hub or says that it is not: through cuts, stalls and restarts."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controlroom.clock import SystemClock
from controlroom.errors import CommandRefused, EnvironmentFault, LinkLost
from controlroom.seat.link import Link
from controlroom.seat.status import LinkState
from controlroom.wire import keys
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.incidents import CloseIncident, OpenIncident
from controlroom.wire.messages import Command, DigestWanted
from tests.floods import Cable
from tests.rooms import Seat, alarm, hub_in, seat_on, source_of, wait_until


class CabledSeat(Seat):
    """A seat whose events and requests pass through cables."""


@contextlib.contextmanager
def cabled(monkeypatch: pytest.MonkeyPatch, requests: int, events: int) -> Iterator[tuple[Seat, Cable]]:
    near, cable = Cable(requests), Cable(events)
    welcomed = Link._welcomed

    def rerouted(self: Link, answer):
        if getattr(answer, "events_port", 0) == events:
            answer = type(answer)(
                **{f: getattr(answer, f) for f in answer.__struct_fields__} | {"events_port": cable.port}
            )
        return welcomed(self, answer)

    monkeypatch.setattr(Link, "_welcomed", rerouted)
    seat = Seat(near.port)
    try:
        yield seat, cable
    finally:
        seat.close()
        near.close()
        cable.close()


def equal(seat: Seat) -> None:
    """The seat is what the hub is. Asked again where the hub's room went on meanwhile, such as by its own rules."""
    for _again in range(20):
        digest: Any = seat.link.ask(DigestWanted()).result(10)
        seat.until(lambda told=digest: seat.mirror.room.sequence >= told.sequence)
        if seat.mirror.room.sequence == digest.sequence:
            break
    assert (seat.mirror.room.sequence, seat.mirror.room.digest()) == (digest.sequence, digest.digest)


def test_a_cut_link_is_mended_without_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        hub_in(tmp_path) as hub,
        cabled(monkeypatch, hub.ports.requests, hub.ports.events) as (seat, cable),
        source_of(hub.ports.ingest) as source,
    ):
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        for number in range(600):
            source.hand_in(alarm(f"k{number}"))
            if number % 200 == 100:
                cable.cut()
        seat.until(lambda: len(seat.mirror.room.alarms) == 600)
        equal(seat)


def test_a_link_that_is_dead_but_looks_alive_is_told_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        hub_in(tmp_path) as hub,
        cabled(monkeypatch, hub.ports.requests, hub.ports.events) as (seat, cable),
        source_of(hub.ports.ingest) as source,
    ):
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)
        cable.dead.set()
        source.hand_in(alarm("a"))
        seat.until(lambda: seat.link.status.state is LinkState.LATE, 2.0)
        seat.until(lambda: seat.link.status.state is LinkState.LOST)
        assert not seat.mirror.room.alarms
        cable.dead.clear()
        seat.until(lambda: "backend/a" in seat.mirror.room.alarms)
        seat.until(lambda: seat.link.status.state is LinkState.LIVE)


def test_a_seat_that_joins_late_gets_everything(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest) as source:
        for number in range(50):
            source.hand_in(*(alarm(f"k{number}-{n}") for n in range(100)))
        with seat_on(hub.ports.requests) as seat:
            seat.until(lambda: len(seat.mirror.room.alarms) == 5000)
            equal(seat)


def test_another_store_behind_the_same_port_means_starting_over(tmp_path: Path) -> None:
    with hub_in(tmp_path / "one") as hub, source_of(hub.ports.ingest) as source:
        ports = hub.ports
        seat = Seat(ports.requests)
        source.hand_in(alarm("a"))
        seat.until(lambda: "backend/a" in seat.mirror.room.alarms)
    try:
        with hub_in(tmp_path / "two", ports=ports):
            seat.until(lambda: not seat.mirror.room.alarms)
    finally:
        seat.close()


def test_a_refused_command_says_why(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        with pytest.raises(CommandRefused) as told:
            body = Acknowledge(alarms=["nobody/nothing"])
            seat.link.ask(Command(id="c", seat="s", officer="王", body=body)).result(10)
        assert told.value.code == "already_done"
        done = seat.link.ask(Command(id="d", seat="s", officer="王", body=OpenIncident(title="t", grade=1))).result(10)
        with pytest.raises(CommandRefused) as told:
            body = CloseIncident(incident=done.created, reason="  ")
            seat.link.ask(Command(id="e", seat="s", officer="王", body=body)).result(10)
        assert told.value.code == "reason_required"


def test_what_nobody_answers_fails_when_the_seat_closes(free_port: int) -> None:
    link = Link(f"tcp://127.0.0.1:{free_port}", SystemClock())
    link.start()
    asked = link.ask(DigestWanted())
    link.close()
    with pytest.raises(LinkLost):
        asked.result(1)


@pytest.mark.parametrize("address", ["127.0.0.1:7600", "http://a:1", "tcp://", "tcp://a:b", ""])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(EnvironmentFault, match="tcp://"):
        Link(address, SystemClock())


def test_a_stranger_without_a_key_gets_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    hub_keys, guest = keys.create(folder, "hub"), keys.create(tmp_path / "guest", "guest")
    (folder / "allowed").mkdir()
    (folder / "allowed" / "guest.key").write_bytes((tmp_path / "guest" / "guest.key").read_bytes())
    stranger = keys.create(tmp_path / "stranger", "stranger")
    with hub_in(tmp_path, keys=folder) as hub:
        with seat_on(hub.ports.requests, keys=guest, hub_key=hub_keys.public) as welcome:
            welcome.until(lambda: welcome.link.status.state is LinkState.LIVE)
        with (
            seat_on(hub.ports.requests, keys=stranger, hub_key=hub_keys.public) as refused,
            seat_on(hub.ports.requests) as plain,
        ):
            wait_until(lambda: hub._listening.gate is not None and hub._listening.gate.turned_away > 0)
            assert refused.link.status.state is LinkState.CONNECTING
            assert plain.link.status.state is LinkState.CONNECTING


def test_a_secret_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys.create(tmp_path, "hub")
    secret = tmp_path / "hub.key_secret"
    assert secret.stat().st_mode & 0o077 == 0
    secret.chmod(0o644)
    with pytest.raises(EnvironmentFault, match="chmod 600"):
        keys.load(secret)
