"""What officers may command about graphics for command and about published answers, as functions of the room."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from controlroom.domain.events import EntryAdded, Event, GraphicChanged, PublishedAnswerChanged
from controlroom.domain.graphic import Drawing, Graphic
from controlroom.domain.incident import Entry, EntryKind, Incident, IncidentStatus
from controlroom.domain.published_answer import MOST_CORNERS, AnswerBody, PublishedAnswer
from controlroom.domain.room import Room
from controlroom.hub.core import timely
from controlroom.hub.refusal import Refuse
from controlroom.hub.versions import must_be, touched
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.coordinates import in_world
from controlroom.mapping.graphics import parts_of
from controlroom.wire.graphics import ChangeGraphic, DrawGraphics, PublishAnswer, RemoveGraphic, WithdrawAnswer
from controlroom.wire.messages import Command, Refusal

MOST_GRAPHICS = 1000
"""Graphics that stand in a room at the most; every seat draws them all."""
MOST_ARCHIVED = 3000
"""Graphics of closed incidents that every seat holds; beyond it the oldest are in the journal alone."""
MOST_POINTS = 50_000
"""Points of all standing graphics together."""
MOST_PUBLISHED = 30
MOST_PUBLISHED_CORNERS = 150_000


def command_graphics(room: Room, command: Command, now: datetime) -> tuple[list[Event], str] | None:
    """The events of such a command and the id of what it made; None for another one. Raises Refuse."""
    body = command.body
    if isinstance(body, DrawGraphics):
        return _draw(room, command, body.drawings, now)
    if isinstance(body, ChangeGraphic):
        return _change(room, command, body, now), ""
    if isinstance(body, RemoveGraphic):
        return _remove(room, command, body, now), ""
    if isinstance(body, PublishAnswer):
        return _publish(room, command, body.answer, now)
    if isinstance(body, WithdrawAnswer):
        return _withdraw(room, command, body, now), ""
    return None


def archived_with(room: Room, incident: str, now: datetime) -> list[Event]:
    """The graphics of an incident that is closed, archived; the oldest archived ones go where they are too many."""
    mine = [g for g in room.graphics.values() if g.drawing.incident == incident and g.archived_at is None]
    old = sorted(
        (g for g in room.graphics.values() if g.archived_at is not None), key=lambda g: (g.archived_at or g.at, g.id)
    )
    gone = old[: max(0, len(old) + len(mine) - MOST_ARCHIVED)]
    return [
        *(GraphicChanged(msgspec.structs.replace(g, removed=True)) for g in gone),
        *(GraphicChanged(msgspec.structs.replace(g, archived_at=now)) for g in mine),
    ]


def _draw(room: Room, command: Command, drawings: Sequence[Drawing], now: datetime) -> tuple[list[Event], str]:
    standing = [g for g in room.graphics.values() if g.archived_at is None]
    if len(standing) + len(drawings) > MOST_GRAPHICS:
        raise Refuse(Refusal.TOO_LARGE, f"{len(standing)} graphics stand of {MOST_GRAPHICS}, remove old ones first")
    _spare(sum(len(g.drawing.points) for g in standing) + sum(len(d.points) for d in drawings))
    made = []
    for number, drawing in enumerate(drawings, room.sequence + 1):
        drawn = Graphic(id=f"graphic-{number}", drawing=_judged(room, drawing), by=command.officer, at=now)
        made.append(msgspec.structs.replace(drawn, seat=command.seat))
    told: list[Event] = [GraphicChanged(graphic) for graphic in made]
    for incident in dict.fromkeys(g.drawing.incident for g in made if g.drawing.incident):
        mine = [g.drawing for g in made if g.drawing.incident == incident]
        told.append(_entry(room, incident, command, now, f"标绘：{_words(mine)}"))
    return told, made[0].id


def _change(room: Room, command: Command, body: ChangeGraphic, now: datetime) -> list[Event]:
    held = _held(room, body.graphic, body.version)
    drawing = _judged(room, body.drawing)
    if drawing == held.drawing:
        raise Refuse(Refusal.ALREADY_DONE, "the graphic is like this already")
    others = (g for g in room.graphics.values() if g.archived_at is None and g.id != held.id)
    _spare(sum(len(g.drawing.points) for g in others) + len(drawing.points))
    told: list[Event] = [GraphicChanged(touched(held, command, now, drawing=drawing))]
    for incident in {held.drawing.incident, drawing.incident} - {""}:
        if held.drawing.incident != drawing.incident or held.drawing.text != drawing.text:
            told.append(_entry(room, incident, command, now, f"修改标绘：{_words([drawing])}"))
    return told


def _remove(room: Room, command: Command, body: RemoveGraphic, now: datetime) -> list[Event]:
    held = _held(room, body.graphic, body.version)
    told: list[Event] = [GraphicChanged(touched(held, command, now, removed=True))]
    if held.drawing.incident:
        told.append(_entry(room, held.drawing.incident, command, now, f"删除标绘：{_words([held.drawing])}"))
    return told


def _held(room: Room, identity: str, version: int) -> Graphic:
    held = room.graphics.get(identity)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no graphic {identity} (any more)")
    if held.archived_at is not None:
        raise Refuse(Refusal.NOT_ALLOWED, f"{identity} is archived with incident {held.drawing.incident}")
    must_be(held, version)
    return held


def _judged(room: Room, drawing: Drawing) -> Drawing:
    """The drawing as it is kept. Raises Refuse for one that cannot be drawn."""
    if drawing.incident:
        _open(room, drawing.incident)
    kind, count = drawing.kind, len(drawing.points)
    if not kind.fewest <= count <= kind.most:
        raise Refuse(
            Refusal.MALFORMED, f"a graphic of kind {kind} has {kind.fewest} to {kind.most} points, not {count}"
        )
    if kind == "text" and not drawing.text.strip():
        raise Refuse(Refusal.REASON_REQUIRED, "words on the map are not empty")
    try:
        parts_of(drawing)
    except AnalysisFault as fault:
        raise Refuse(Refusal.MALFORMED, f"this {kind} cannot be drawn: {fault.reason}") from fault
    return msgspec.structs.replace(drawing, text=drawing.text.strip(), zone=drawing.zone if kind == "zone" else None)


def _open(room: Room, identity: str) -> Incident:
    incident = room.incidents.get(identity)
    if incident is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no incident {identity}")
    if incident.status is IncidentStatus.CLOSED:
        raise Refuse(Refusal.NOT_ALLOWED, f"incident {identity} is closed, its graphics are archived")
    return incident


def _spare(points: int) -> None:
    if points > MOST_POINTS:
        raise Refuse(Refusal.TOO_LARGE, f"all graphics together have {MOST_POINTS} points at the most")


def _words(drawings: Sequence[Drawing]) -> str:
    """What was drawn, for the timeline, which is in Chinese as all data of the district."""
    names = [d.text or _KINDS[d.kind] for d in drawings]
    return "、".join(names[:5]) + (f" 等 {len(names)} 个" if len(names) > 5 else "")


_KINDS = {
    "symbol": "标号",
    "text": "文字",
    "line": "线",
    "arrow": "箭头",
    "broad_arrow": "宽箭头",
    "area": "区域",
    "zone": "危险区",
}


def _entry(room: Room, incident: str, command: Command, now: datetime, text: str) -> EntryAdded:
    number = 1 + len(room.entries.get(incident, ()))
    return EntryAdded(
        Entry(
            id=f"{incident}-e{number}",
            incident=incident,
            at=now,
            by=command.officer,
            kind=EntryKind.GRAPHIC,
            seat=command.seat,
            text=text,
        )
    )


# ---------------------------------------------------------------- answers that all seats see


def _publish(room: Room, command: Command, body: AnswerBody, now: datetime) -> tuple[list[Event], str]:
    if len(room.published) >= MOST_PUBLISHED:
        raise Refuse(Refusal.TOO_LARGE, f"{MOST_PUBLISHED} answers are published, withdraw old ones first")
    timely(body.made_at)
    timely(body.data_at)
    if not body.features and not body.points:
        raise Refuse(Refusal.MALFORMED, "an answer without a feature shows nothing")
    corners = _corners(body)
    if corners > MOST_CORNERS:
        raise Refuse(Refusal.TOO_LARGE, f"an answer has {MOST_CORNERS} corners at the most, not {corners}")
    if corners + sum(_corners(held.body) for held in room.published.values()) > MOST_PUBLISHED_CORNERS:
        raise Refuse(Refusal.TOO_LARGE, f"all published answers have {MOST_PUBLISHED_CORNERS} corners at the most")
    chosen = [feature.colour_class for feature in body.features] + [point.colour_class for point in body.points]
    if max(chosen) >= len(body.classes):
        raise Refuse(Refusal.MALFORMED, "a feature is of a class that the legend does not have")
    places = [p for feature in body.features for part in feature.parts for p in part] + [p.point for p in body.points]
    if not in_world([p.lon for p in places], [p.lat for p in places]).all():
        raise Refuse(Refusal.MALFORMED, "a place lies outside the map's world")
    made = PublishedAnswer(
        id=f"published-{room.sequence + 1}", body=body, by=command.officer, at=now, seat=command.seat
    )
    return [PublishedAnswerChanged(made)], made.id


def _withdraw(room: Room, command: Command, body: WithdrawAnswer, now: datetime) -> list[Event]:
    held = room.published.get(body.answer)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no published answer {body.answer} (any more)")
    return [PublishedAnswerChanged(msgspec.structs.replace(held, withdrawn_by=command.officer, withdrawn_at=now))]


def _corners(body: AnswerBody) -> int:
    return sum(len(part) for feature in body.features for part in feature.parts) + len(body.points)
