"""`bench alarms`: the way of an alarm from a source to the screen, each step against a baseline in the same run."""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated, Literal

import msgspec
import numpy as np
import zmq

from controlroom.clock import SystemClock
from controlroom.seat.link import Link
from controlroom.seat.mirror import Changes, Mirror
from controlroom.seat.status import LinkState
from controlroom.store.journal import Batch, Journal, Line
from controlroom.wire import codec, frames
from controlroom.wire.messages import Handover
from tests.bench import alarms_faults, alarms_painted, alarms_table
from tests.bench.flood import event
from tests.bench.flooding import Flooding
from tests.bench.report import Measure
from tests.rooms import HubProcess, Seat, alarm, seat_on


def measure(quick: bool) -> list[Measure]:
    """All measures of the alarm path."""
    return [
        *_ingest(20_000 if quick else 60_000),
        *_decode(20_000 if quick else 100_000),
        *_store(20_000 if quick else 100_000),
        *_durable(2.0 if quick else 6.0),
        *_cuts(),
        *alarms_faults.measure(quick),
        *alarms_painted.measure(quick),
        *alarms_table.measure(quick),
    ]


def _ingest(total: int) -> list[Measure]:
    # What is compared is measured in turns, so that a machine that is busy for a while is so for both.
    rounds = [(_raw_rate(total), _link_rate(total), _naive_rate(total // 4)) for _turn in range(5)]
    raw, ours, naive = (median(rates) for rates in zip(*rounds, strict=True))
    return [
        Measure(
            "ingest_ratio",
            median(mine / theirs for theirs, mine, _slow in rounds),
            "ratio",
            1.0,
            f"{ours:,.0f} of {raw:,.0f} events/s, recv and decode alone",
        ),
        Measure(
            "ingest_vs_naive",
            median(mine / slow for _theirs, mine, slow in rounds),
            "ratio",
            1.0,
            f"await recv() under qasync: {naive:,.0f} events/s",
        ),
    ]


def _raw_rate(total: int) -> float:
    flood, context = Flooding(total), zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.setsockopt(zmq.RCVHWM, 0)
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.connect(f"tcp://127.0.0.1:{flood.events}")
    socket.recv()
    flood.go()
    got, begun = 0, 0.0
    while got < total:
        head, body = frames.unpack(socket.recv())
        if head.kind is frames.Kind.EVENT:
            begun = begun or time.perf_counter()
            codec.event(body)
            got += 1
    rate = total / (time.perf_counter() - begun)
    context.destroy(linger=0)
    flood.close()
    return rate


def _link_rate(total: int) -> float:
    """Through the wire thread, the queue and the mirror, drained as the frame clock does."""
    flood = Flooding(total)
    link, mirror, clock = Link(f"tcp://127.0.0.1:{flood.requests}", SystemClock()), Mirror(), SystemClock()
    link.start()
    while link.status.state is not LinkState.LIVE:
        time.sleep(0.01)
    flood.go()
    begun = 0.0
    while mirror.room.sequence < total:
        until = time.perf_counter() + 0.008
        changes, now = Changes(), clock.now()
        while (delivery := link.take()) is not None:
            mirror.apply(delivery, now, changes)
            if time.perf_counter() > until:
                break
        begun = begun or (time.perf_counter() if mirror.room.sequence else 0.0)
        time.sleep(0.005)
    rate = total / (time.perf_counter() - begun)
    link.close()
    flood.close()
    return rate


_NAIVE = """
import asyncio, sys, time, zmq, zmq.asyncio, qasync
from PySide6.QtCore import QCoreApplication
from controlroom.wire import codec, frames
async def main():
    socket = zmq.asyncio.Context().socket(zmq.SUB)
    socket.setsockopt(zmq.RCVHWM, 0); socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.connect(sys.argv[1]); await socket.recv(); print("ready", flush=True)
    got, begun, total = 0, 0.0, int(sys.argv[2])
    while got < total:
        head, body = frames.unpack(await socket.recv())
        if head.kind is frames.Kind.EVENT:
            begun = begun or time.perf_counter(); codec.event(body); got += 1
    print(total / (time.perf_counter() - begun), flush=True); socket.close()
app = QCoreApplication([])
loop = qasync.QEventLoop(app)
with loop: loop.run_until_complete(main())
"""


def _naive_rate(total: int) -> float:
    flood = Flooding(total)
    child = subprocess.Popen(
        [sys.executable, "-c", _NAIVE, f"tcp://127.0.0.1:{flood.events}", str(total)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    child.stdout.readline()
    flood.go()
    rate = float(child.stdout.readline())
    child.wait()
    child.stdout.close()
    flood.close()
    return rate


def _decode(total: int) -> list[Measure]:
    """One alarm with all that backends tell, as JSON, checked by both as strictly; in turns: alone, and handed over."""
    told = alarm(
        "a", point=[116.3, 39.7], kind="flood_depth", place="黄村镇 东桥", sensor="flood-17", department="水务"
    )
    body = codec.encode_json(told)
    frame = codec.encode_json({"source": "s", "session": "x", "seq": 1, "records": [told]})
    raw = msgspec.Raw(body)

    def handed_over() -> None:
        handover: Handover = codec.handover(frame)
        codec.record_json(handover.records[0])

    names = ("decode_vs_pydantic", "handover_vs_pydantic")
    try:
        import pydantic  # noqa: PLC0415  # an optional peer
    except ImportError:
        return [Measure(name, None, "ratio", None, "pydantic is not installed (extra: bench)") for name in names]
    short, field = Annotated[str, pydantic.Field(max_length=400)], pydantic.Field

    class Record(pydantic.BaseModel):
        type: Literal["alarm"]
        key: Annotated[str, field(min_length=1, max_length=400)]
        severity: Annotated[int, field(ge=1, le=4)]
        title: Annotated[str, field(min_length=1, max_length=400)]
        occurred_at: pydantic.AwareDatetime
        point: tuple[Annotated[float, field(ge=-180, le=180)], Annotated[float, field(ge=-90, le=90)]]
        kind: short = ""
        text: Annotated[str, field(max_length=4000)] = ""
        place: short = ""
        sensor: short = ""
        camera: short = ""
        department: short = ""

    class Message(pydantic.BaseModel):
        source: short
        session: short
        seq: Annotated[int, field(ge=0)]
        records: list[Record]
        crs: Literal["WGS-84", "GCJ-02", "BD-09"] = "WGS-84"
        realm: short = "live"
        v: int = 1

    ways: tuple[tuple[Callable[[], object], Callable[[], object], str], ...] = (
        (lambda: codec.record_json(raw), lambda: Record.model_validate_json(body), "alarms/s, as strictly"),
        (handed_over, lambda: Message.model_validate_json(frame), "handovers/s: an envelope, then its one record"),
    )
    found = []
    for name, (ours, theirs, note) in zip(names, ways, strict=True):
        turns = [(_per_second(ours, total // 5), _per_second(theirs, total // 5)) for _turn in range(9)]
        mine = median(rate for rate, _peer in turns)
        found.append(Measure(name, median(a / b for a, b in turns), "ratio", 1.0, f"{mine:,.0f} {note}"))
    return found


def _per_second(once: Callable[[], object], total: int) -> float:
    begun = time.perf_counter()
    for _turn in range(total):
        once()
    return total / (time.perf_counter() - begun)


def _store(total: int) -> list[Measure]:
    """Both write the same lines, a thousand at a time and in turns, each to a file of its own."""
    body = event(1)
    lines = [Line(n, n, "alarm", f"limits/flood-{n % 5000}", body) for n in range(1, total + 1)]
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "ours.db")
        Journal(Path(folder) / "raw.db").close()
        raw = sqlite3.connect(Path(folder) / "raw.db")
        raw.executescript("PRAGMA journal_mode=wal; PRAGMA synchronous=full;")
        spent: dict[str, list[float]] = {"ours": [], "raw": []}
        for start in range(0, total, 1000):
            part = lines[start : start + 1000]
            begun = time.perf_counter()
            journal.commit([Batch(part)])
            between = time.perf_counter()
            with raw:
                raw.executemany("INSERT INTO journal (sequence, at_ms, kind, subject, body) VALUES (?,?,?,?,?)", part)
            spent["ours"].append(between - begun)
            spent["raw"].append(time.perf_counter() - between)
        journal.close()
        raw.close()
    ours, theirs = (1000 / median(spent[way]) for way in ("ours", "raw"))
    return [Measure("store_ratio", ours / theirs, "ratio", 1.0, f"{ours:,.0f} of {theirs:,.0f} rows/s, durable")]


def _durable(seconds: float) -> list[Measure]:
    """10,000 alarms a second, ten to a handover, each acknowledged after its commit, with a seat that follows."""
    with tempfile.TemporaryDirectory() as folder:
        hub = HubProcess(Path(folder))
        try:
            with seat_on(hub.ports.requests) as seat:
                waits = _paced(hub, seat, seconds)
                calm = np.percentile(waits, [50, 99])
        finally:
            hub.close()
    return [
        Measure("durable_ack_p99_ms", float(calm[1]), "ms", None, f"p50 {calm[0]:.1f} ms at 10,000 alarms/s"),
    ]


def _handover(number: int, session: str) -> bytes:
    records = [alarm(f"{session}-{number}-{n}") for n in range(10)]
    return codec.encode({"source": "bench", "session": session, "seq": number, "records": records})


def _paced(hub: HubProcess, seat: Seat, seconds: float) -> list[float]:
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.connect(f"tcp://127.0.0.1:{hub.ports.ingest}")
    total = int(seconds * 1000)
    prepared = [_handover(number, "paced") for number in range(1, total + 1)]
    sent_at, waits, begun = deque[float](), list[float](), time.perf_counter()
    sent = 0
    while len(waits) < total:
        now = time.perf_counter()
        while sent < total and sent < (now - begun) * 1000:
            socket.send(prepared[sent])
            sent_at.append(time.perf_counter())
            sent += 1
        while socket.poll(0 if sent < total else 100):
            socket.recv()
            waits.append(1000 * (time.perf_counter() - sent_at.popleft()))
        seat.drain()
        time.sleep(0.0005)
    context.destroy(linger=0)
    return waits


def _cuts() -> list[Measure]:
    """From the death of a hub until the seat says so, and from its return until the seat is live again."""
    with tempfile.TemporaryDirectory() as folder:
        hub = HubProcess(Path(folder))
        try:
            with seat_on(hub.ports.requests) as seat:
                seat.until(lambda: seat.link.status.state is LinkState.LIVE)
                hub.kill()
                begun = time.perf_counter()
                seat.until(lambda: seat.link.status.state is not LinkState.LIVE)
                shown = time.perf_counter() - begun
                hub.restart()
                begun = time.perf_counter()
                seat.until(lambda: seat.link.status.state is LinkState.LIVE)
                back = time.perf_counter() - begun
        finally:
            hub.close()
    return [
        Measure("dead_link_shown_s", shown, "s", None, "kill -9 of the hub"),
        Measure("recovered_s", back, "s", None, "from the hub's return"),
    ]
