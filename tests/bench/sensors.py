"""`bench sensors`: readings from the wire to the screen, each step against a baseline in the same run."""

import statistics
import time
from collections.abc import Callable

import msgspec
import numpy as np
import zmq

from controlroom.domain.readings import Latest
from controlroom.wire.frames import Readings, decode_readings, encode_readings
from tests.bench import (
    sensors_burst,
    sensors_corroboration,
    sensors_history,
    sensors_labelled,
    sensors_plots,
    sensors_rules,
)
from tests.bench.report import Measure

SENSORS = 130_000
FRAME = 1000
NOW_MS = 1_795_000_000_000


def measure(quick: bool) -> list[Measure]:
    """All measures of the readings' path that exist today."""
    repeats = 5 if quick else 15
    app = sensors_plots.application()
    return [
        *sensors_rules.measure(quick),
        _frames(repeats),
        sensors_burst.measure(app.processEvents),
        *sensors_labelled.measure(quick),
        *sensors_history.measure(quick),
        *sensors_plots.measure(quick),
        *sensors_corroboration.measure(quick),
    ]


def _columns(round_number: int, share_beyond: float) -> Readings:
    """One reading of every sensor; about this share is beyond a limit, 1 in 100 missing, 1 in 100 doubtful."""
    chance = np.random.default_rng(round_number)
    value = chance.uniform(0.0, 14.0, SENSORS).astype(np.float32)
    value[: int(SENSORS * share_beyond)] += 30.0
    value[chance.random(SENSORS) < 0.01] = np.nan
    quality = (chance.random(SENSORS) < 0.01).astype(np.uint8)
    time_ms = np.full(SENSORS, NOW_MS + 1000 * round_number, np.int64)
    return Readings(np.arange(SENSORS, dtype=np.uint32), value, time_ms, quality)


def _frames(repeats: int) -> Measure:
    """Frames of 1,000 readings against one message for each reading: received from a socket, decoded and applied."""
    readings = _columns(1, 0.0)
    columns = (readings.index, readings.value, readings.time, readings.quality)
    single = [msgspec.msgpack.encode(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    bodies = _bodies(readings)
    decoder = msgspec.msgpack.Decoder(tuple[int, float, int, int])
    latest = Latest(SENSORS)
    value, time_ms, quality = [0.0] * SENSORS, [0] * SENSORS, [0] * SENSORS

    def apply_frame(body: bytes) -> None:
        part = decode_readings(memoryview(body))
        latest.apply(part.index, part.value, part.time, part.quality)

    def apply_one(body: bytes) -> None:
        at, new, told_ms, mark = decoder.decode(body)
        if told_ms >= time_ms[at]:
            value[at], time_ms[at], quality[at] = new, told_ms, mark

    frames_s = statistics.median(_drain_s(bodies, apply_frame) for _ in range(repeats))
    single_s = statistics.median(_drain_s(single, apply_one) for _ in range(3))
    note = f"{SENSORS / frames_s / 1e6:.1f} against {SENSORS / single_s / 1e6:.2f} million readings/s"
    return Measure("telemetry_vs_per_reading", single_s / frames_s, "ratio", 1.0, note)


def _bodies(readings: Readings) -> list[bytes]:
    """The frames of a batch."""
    return [
        encode_readings(Readings(readings.index[p], readings.value[p], readings.time[p], readings.quality[p]))
        for p in (slice(start, start + FRAME) for start in range(0, SENSORS, FRAME))
    ]


def _drain_s(bodies: list[bytes], apply: Callable[[bytes], None]) -> float:
    """Seconds for receiving and applying messages that have already arrived."""
    context = zmq.Context()
    push, pull = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    for socket in (push, pull):
        socket.setsockopt(zmq.LINGER, 0)
    push.setsockopt(zmq.SNDHWM, 0)
    pull.setsockopt(zmq.RCVHWM, 0)
    pull.bind("inproc://readings")
    push.connect("inproc://readings")
    for body in bodies:
        push.send(body)
    began = time.perf_counter()
    for _ in bodies:
        apply(pull.recv())
    took_s = time.perf_counter() - began
    context.destroy(linger=0)
    return took_s
