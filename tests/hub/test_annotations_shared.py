"""What one seat writes on curves is on every other seat, after a kill of the hub as well."""

import uuid
from datetime import timedelta
from pathlib import Path

from controlroom.wire.annotations import Annotate, ChangeAnnotation, RemoveAnnotation
from controlroom.wire.messages import Command, CommandBody, Done
from tests.rooms import NOON, Seat, hub_in, seat_on, source_of

SENSOR = {"id": "g-1", "name": "京开路", "kind": "flood_depth", "unit": "cm"}


def command(seat: Seat, officer: str, body: CommandBody) -> str:
    asked = seat.link.ask(Command(id=uuid.uuid4().hex, seat=officer, officer=officer, body=body))
    seat.until(asked.done)
    answer = asked.result()
    assert isinstance(answer, Done)
    return answer.created


def test_a_note_of_one_seat_is_seen_changed_and_removed_by_another_and_outlives_the_hub(tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub:
        port = hub.ports.requests
        with seat_on(port) as one, seat_on(port) as other, source_of(hub.ports.ingest) as source:
            source.hand_in({"type": "sensors", "sensors": [SENSOR]})
            one.until(lambda: "g-1" in one.mirror.room.sensors)
            body = Annotate(sensors=["g-1"], begins_at=NOON, ends_at=NOON + timedelta(minutes=5), text="泵站检修")
            note = command(one, "王", body)
            other.until(lambda: note in other.mirror.room.annotations)
            assert other.mirror.room.annotations[note].by == "王"
            command(other, "李", ChangeAnnotation(annotation=note, begins_at=NOON, ends_at=NOON, text="检修完毕"))
            one.until(lambda: one.mirror.room.annotations[note].text == "检修完毕")
            gone = command(one, "王", body)
            command(other, "李", RemoveAnnotation(annotation=gone))
            one.until(lambda: gone not in one.mirror.room.annotations)
            other.until(lambda: gone not in other.mirror.room.annotations)
            one.until(lambda: one.mirror.room.sequence >= other.mirror.room.sequence)
            other.until(lambda: other.mirror.room.sequence >= one.mirror.room.sequence)
            assert one.mirror.room.digest() == other.mirror.room.digest()
    with hub_in(tmp_path) as hub, seat_on(hub.ports.requests) as later:
        later.until(lambda: note in later.mirror.room.annotations)
        held = later.mirror.room.annotations
        assert list(held) == [note]
        assert (held[note].text, held[note].by, held[note].changed_by) == ("检修完毕", "王", "李")
