"""What is refused is counted, kept and can be asked for, also after a restart."""

from datetime import timedelta
from pathlib import Path

import pytest

from controlroom.domain.room import Room
from controlroom.hub import dead_letters, door
from controlroom.hub.core import Core
from controlroom.hub.dead_letters import KEPT, DeadLetters
from controlroom.hub.door import Door
from controlroom.wire import codec
from controlroom.wire.messages import Refusal, RefusedRecord
from controlroom.wire.source_health import RefusedMessages, RefusedWanted, SourcesNow, SourcesWanted
from tests.rooms import NOON, HubProcess, Seat, alarm, hub_in, seat_on, source_of, wait_until


def letters_of(seat: Seat, source: str) -> RefusedMessages:
    answer = seat.link.ask(RefusedWanted(source=source)).result(10)
    assert isinstance(answer, RefusedMessages)
    return answer


def sources_of(seat: Seat) -> SourcesNow:
    answer = seat.link.ask(SourcesWanted()).result(10)
    assert isinstance(answer, SourcesNow)
    return answer


def test_the_last_hundred_of_a_source_are_kept_newest_first() -> None:
    letters = DeadLetters()
    for number in range(250):
        letters.put("s", Refusal.MALFORMED, f"why {number}", b"x" * 5000, NOON)
    letters.put("t", Refusal.MALFORMED, "other", b"y", NOON)
    kept = letters.of("s")
    assert [each.text for each in kept] == [f"why {number}" for number in range(249, 149, -1)]
    assert {(each.size, len(each.body)) for each in kept} == {(5000, dead_letters.BODY_BYTES)}
    assert [each.body for each in letters.of("t")] == [b"y"]
    assert letters.of("nobody") == ()


def test_beyond_the_bound_the_source_that_is_refused_pays_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "MOST", 50)
    letters = DeadLetters()
    for number in range(30):
        letters.put("quiet", Refusal.MALFORMED, str(number), b"", NOON)
    for number in range(500):
        letters.put("loud", Refusal.MALFORMED, str(number), b"", NOON)
    assert letters.kept("quiet") == 30
    assert letters.kept("loud") == 20


def test_what_the_store_has_is_not_written_again_and_what_fell_out_is_forgotten_there_too() -> None:
    letters = DeadLetters()
    for _number in range(150):
        letters.put("s", Refusal.MALFORMED, "why", b"", NOON)
    fresh, first = letters.unwritten()
    assert [letter.number for letter in fresh] == list(range(51, 151))
    assert first == {"s": 51}
    assert letters.unwritten() == ([], {})
    again = DeadLetters(fresh)
    again.put("s", Refusal.MALFORMED, "later", b"", NOON)
    assert [letter.number for letter in again.unwritten()[0]] == [151]
    assert again.kept("s") == KEPT


def test_a_refused_record_is_kept_itself_and_not_the_good_ones_beside_it() -> None:
    at = Door(Core("live", Room()), {})
    bad = {"type": "alarm", "key": "b", "severity": 9}
    at.take(codec.encode_json({"source": "s", "records": [alarm("a"), bad]}), NOON)
    (kept,) = at.watch.letters.of("s")
    assert b'"b"' in kept.body
    assert b'"a"' not in kept.body
    assert kept.code is Refusal.MALFORMED
    assert kept.at == NOON


@pytest.mark.parametrize("encode", [codec.encode_json, codec.encode])
@pytest.mark.parametrize("name", ["s", "信号平台" * 12])
def test_a_message_that_was_cut_off_is_counted_for_its_source(encode, name: str) -> None:
    at = Door(Core("live", Room()), {})
    whole = encode({"source": name, "records": [alarm(f"k{n}") for n in range(5)]})
    at.take(whole[: len(whole) // 2], NOON)
    at.take(whole[:-1], NOON)
    assert len(at.watch.letters.of(name)) == 2


def test_a_message_that_is_too_long_is_refused_and_its_source_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MAX_HANDOVER_BYTES", 4000)
    at = Door(Core("live", Room()), {})
    long = codec.encode({"source": "s", "session": "x", "seq": 1, "records": [alarm(f"k{n}") for n in range(100)]})
    refused = at.take(long, NOON).acknowledgement
    assert (refused.seq, refused.refused[0].code) == (1, Refusal.TOO_LARGE)
    good = codec.encode({"source": "s", "session": "x", "seq": 2, "records": [alarm("a")]})
    assert at.take(good, NOON).acknowledgement.accepted == 1
    assert at.watch.letters.of("s")[0].size == len(long)


def test_a_gap_is_not_counted_as_something_bad() -> None:
    at = Door(Core("live", Room()), {})
    at.take(codec.encode({"source": "s", "session": "x", "seq": 5, "records": [alarm("a")]}), NOON)
    assert at.refused == 0
    (now,) = at.watch.now(NOON).sources
    assert (now.id, now.records, now.seen_at) == ("s", 0, NOON)


def test_the_rate_of_a_source_is_that_of_the_last_ten_seconds() -> None:
    at = Door(Core("live", Room()), {})
    for second in range(20):
        if second < 15:
            at.take(codec.encode({"source": "s", "records": [alarm(f"{second}-{n}") for n in range(8)]}), NOON)
        at.look(NOON + timedelta(seconds=second))
    (now,) = at.watch.now(NOON).sources
    assert (now.records, now.rate_per_s) == (120, 4.0)


def test_a_seat_sees_what_was_refused_also_after_kill_9_of_the_hub(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    hostile = "<b>\u202e\u0007" + "积" * 300
    try:
        with seat_on(hub.ports.requests) as seat:
            with source_of(hub.ports.ingest, "gate") as source:
                source.hand_in(alarm("a"), {"type": "alarm", "key": hostile})
                source.send_bytes(b'{"source": "gate", "records": [')
                source.receive()
            told = letters_of(seat, "gate")
            assert told.total == 2
            assert told.messages[0].body == b'{"source": "gate", "records": ['
            assert b'"<b>\\u202e\\u0007' in told.messages[1].body
            (now,) = (each for each in sources_of(seat).sources if each.id == "gate")
            assert (now.refused, now.kept, now.records) == (2, 2, 1)
            # Once a second what was refused goes to the store, with the source's count.
            seat.until(lambda: bool(seat.mirror.room.sources) and seat.mirror.room.sources["gate"].refused == 2)
            seat.until(lambda: sources_of(seat).sources[0].rate_per_s > 0)
            hub.kill()
            hub.restart()
            assert letters_of(seat, "gate") == told
    finally:
        hub.close()


def test_what_is_kept_in_the_store_is_bounded(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub, source_of(hub.ports.ingest, "gate") as source:
        for _number in range(300):
            source.send_bytes(b'{"source": "gate"')
        wait_until(lambda: len(source.received()) == 300)
    with hub_in(tmp_path) as hub:
        assert len(hub._journal.letters()) == KEPT
        assert hub._door.watch.letters.kept("gate") == KEPT
        assert hub._core.room.sources["gate"].refused == 300


@pytest.mark.parametrize("encode", [codec.encode_json, codec.encode])
def test_what_a_source_process_turned_away_itself_is_counted_and_kept_with_the_others(encode) -> None:
    at = Door(Core("live", Room()), {})
    told = RefusedRecord(
        count=7, reason="a level that is not declared", code="unknown_object", size=90_000, body=b"\xff{"
    )
    taken = at.take(encode({"source": "s", "session": "x", "seq": 1, "records": [told]}), NOON)
    assert (taken.acknowledgement.accepted, taken.acknowledgement.refused) == (1, ())
    at.take(encode({"source": "s", "session": "x", "seq": 2, "records": [{"type": "what"}]}), NOON)
    assert at.refused == 8
    assert at.watch.refused_of("s").total == 8
    newest, kept = at.watch.letters.of("s")
    assert (kept.code, kept.text, kept.size, kept.body) == (Refusal.UNKNOWN_OBJECT, told.reason, 90_000, b"\xff{")
    assert newest.code is Refusal.MALFORMED
    again = at.take(encode({"source": "s", "session": "x", "seq": 1, "records": [told]}), NOON)
    assert again.acknowledgement.duplicate and at.refused == 8
