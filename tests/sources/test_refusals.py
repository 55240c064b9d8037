"""What a source turns away: counted by reason, told once a second, kept while the spool is full."""

from controlroom.errors import StoreFault
from controlroom.sources import refusals
from controlroom.sources.refusals import Refusals
from controlroom.wire.messages import RefusedRecord


class OnPaper:
    """A feed that keeps what it is given, or is full."""

    def __init__(self) -> None:
        self.full = False
        self.told: list[RefusedRecord] = []

    def hand_in(self, *records: RefusedRecord) -> int:
        if self.full:
            raise StoreFault("full", "no room")
        self.told += records
        return 1


def test_a_flood_of_rubbish_is_one_record_a_second_and_reason() -> None:
    feed = OnPaper()
    held = Refusals(feed)
    for _turn in range(1000):
        held.add("not json", b"first" + b"x" * 5000)
        held.tell(10.0)
    held.add("too old", b"second")
    held.tell(10.9)
    assert [(r.count, r.size, len(r.body)) for r in feed.told] == [(1, 5005, 2000)]
    held.tell(11.0)
    assert [(r.reason, r.count) for r in feed.told[1:]] == [("not json", 999), ("too old", 1)]
    held.tell(99.0)
    assert len(feed.told) == 3


def test_nothing_is_lost_while_the_spool_is_full_and_reasons_are_bounded() -> None:
    feed = OnPaper()
    feed.full = True
    held = Refusals(feed)
    for number in range(500):
        held.add(f"reason {number}" * 200 if number else "", b"")
        held.tell(float(number))
    feed.full = False
    held.tell(0.0, at_once=True)
    assert sum(record.count for record in feed.told) == 500
    assert len(feed.told) == refusals.REASONS
    assert all(1 <= len(record.reason) <= 400 for record in feed.told)
