"""A source as a process of its own: accepts alarms as fast as it can until it is killed or has enough."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from controlroom.domain.severity import Severity
from controlroom.sources.client import HubClient
from controlroom.sources.spool import FileSpool
from controlroom.wire.messages import AlarmRecord


def main(hub: str, spool_path: str, goal: str) -> int:
    spool = FileSpool(Path(spool_path))
    client = HubClient(hub, ack_timeout_s=0.5)
    feed = client.feed("victim", spool=spool)
    client.start()
    while spool.last < int(goal):
        number = spool.last + 1
        record = AlarmRecord(
            key=f"k{number}", severity=Severity.BLUE, title="x", occurred_at=datetime(2026, 11, 21, tzinfo=UTC)
        )
        feed.hand_in(record)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    done = feed.drained(60)
    client.close()
    spool.close()
    return 0 if done else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
