"""A hub reduced to its wire, in a process of its own: answers hello and snapshot, then floods when it is told."""

import sys
import time
from datetime import UTC, datetime

import zmq

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.events import AlarmChanged
from controlroom.domain.severity import Severity
from controlroom.wire import codec, frames
from controlroom.wire.frames import Kind
from controlroom.wire.messages import Heartbeat, Hello, Part, Reply, SnapshotWanted, Welcome

EPOCH = b"benchmrk"


def event(number: int, now: datetime = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)) -> bytes:
    """An alarm of about 250 bytes."""
    return codec.encode(
        AlarmChanged(
            Alarm(
                id=f"limits/limit/flood-{number % 5000}",
                source="limits",
                key=f"limit/flood-{number % 5000}",
                severity=Severity(1 + number % 4),
                title="易涝点积水 42 cm 达到橙色限值 40 cm",
                state=AlarmState.UNACKNOWLEDGED,
                occurred_at=now,
                received_at=now,
                changed_at=now,
                place="黄村镇 东桥",
                sensor=f"flood-{number % 5000}",
            )
        )
    )


def main(total: int, rate: int) -> None:
    """Serve until standard input closes; each line on it floods `total` events, at `rate` a second if that is not 0."""
    context = zmq.Context()
    requests, events, telemetry = context.socket(zmq.ROUTER), context.socket(zmq.PUB), context.socket(zmq.PUB)
    events.setsockopt(zmq.SNDHWM, 0)
    ports = [s.bind_to_random_port("tcp://127.0.0.1") for s in (requests, events, telemetry)]
    print(*ports, flush=True)  # noqa: T201  # the parent reads it
    prepared = [event(number) for number in range(5000)]
    poller = zmq.Poller()
    poller.register(requests, zmq.POLLIN)
    poller.register(sys.stdin.fileno(), zmq.POLLIN)
    sequence = 0
    while True:
        ready = dict(poller.poll(100))
        if requests in ready:
            peer, frame = requests.recv_multipart()
            asked = codec.request(frame)
            answer = None
            if isinstance(asked.body, Hello):
                answer = Welcome(
                    realm="live", epoch=EPOCH.hex(), sequence=sequence, events_port=ports[1], telemetry_port=ports[2],
                    ingest_port=0, version="bench",
                )  # fmt: skip
            elif isinstance(asked.body, SnapshotWanted):
                answer = Part(sequence=sequence, events=(), last=True)
            if answer is not None:
                requests.send_multipart([peer, codec.encode(Reply(id=asked.id, body=answer))])
        if sys.stdin.fileno() in ready:
            if not sys.stdin.readline():
                break
            if rate:
                sequence = _paced(events, total, rate, sequence)
            else:
                for _number in range(total):
                    sequence += 1
                    events.send(frames.pack(Kind.EVENT, "alarm", EPOCH, sequence, 0, "live", prepared[sequence % 5000]))
        events.send(frames.pack(Kind.HEARTBEAT, "beat", EPOCH, sequence, 0, "live", codec.encode(Heartbeat())))
    context.destroy(linger=0)


def _paced(events: zmq.Socket[bytes], total: int, rate: int, sequence: int) -> int:
    """Events with the time of their publishing, spread evenly, and heartbeats between them; the last number."""
    begun = beaten = time.perf_counter()
    last = sequence + total
    first = sequence
    while sequence < last:
        now = time.perf_counter()
        while sequence < last and sequence - first < (now - begun) * rate:
            sequence += 1
            body = event(sequence, datetime.now(UTC))
            events.send(frames.pack(Kind.EVENT, "alarm", EPOCH, sequence, 0, "live", body))
        if now - beaten > 0.25:
            beaten = now
            events.send(frames.pack(Kind.HEARTBEAT, "beat", EPOCH, sequence, 0, "live", codec.encode(Heartbeat())))
        time.sleep(0.001)
    return sequence


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
