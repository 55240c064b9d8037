"""The client against the hub itself, where test_client.py has a stand-in that can fail on demand."""

import threading
from datetime import UTC, datetime
from pathlib import Path

from controlroom.domain.alarm import AlarmState
from controlroom.domain.severity import Severity
from controlroom.sources.client import HubClient
from controlroom.sources.spool import FileSpool
from controlroom.sources.terms import FeedState
from controlroom.wire.messages import AlarmRecord, ClearRecord
from tests.rooms import hub_in, seat_on, wait_until

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)


def alarm(key: str) -> AlarmRecord:
    return AlarmRecord(key=key, severity=Severity.YELLOW, title="积水", occurred_at=AT)


def test_alarms_of_a_source_appear_on_a_seat_and_end_there(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as seat:
        client = HubClient(f"tcp://127.0.0.1:{hub.ports.requests}")
        client.start()
        feed = client.feed("weather")
        feed.hand_in(alarm("a"), alarm("b"))
        feed.hand_in(ClearRecord(key="a", occurred_at=AT))
        assert feed.drained(20)
        seat.until(lambda: len(seat.mirror.room.alarms) == 2)
        seat.until(lambda: seat.mirror.room.alarms["weather/a"].state is AlarmState.RETURNED)
        assert seat.mirror.room.alarms["weather/b"].count == 1
        assert feed.status().state is FeedState.LIVE
        client.close()


def test_a_hub_that_ends_and_comes_back_again_and_again_gets_every_alarm_once(tmp_path: Path) -> None:
    """`count` tells how often an alarm was raised: more than once would be a double."""
    spool = FileSpool(tmp_path / "spool.db")
    with hub_in(tmp_path) as hub:
        ports = hub.ports
    client = HubClient(f"tcp://127.0.0.1:{ports.requests}", ack_timeout_s=0.5)
    client.start()
    feed = client.feed("weather", spool=spool, window=32)
    handing = threading.Thread(target=lambda: [feed.hand_in(alarm(f"k{n}")) for n in range(600)])
    handing.start()
    for goal in (50, 250):
        with hub_in(tmp_path, ports=ports):
            wait_until(lambda goal=goal: spool.confirmed >= goal)
    with hub_in(tmp_path, ports=ports) as hub, seat_on(ports.requests) as seat:
        handing.join()
        assert feed.drained(30)
        seat.until(lambda: len(seat.mirror.room.alarms) == 600)
        assert {held.count for held in seat.mirror.room.alarms.values()} == {1}
        client.close()
    spool.close()
