"""What lies on a wall, what is saved of it and its rules, in a line each."""

from collections.abc import Callable, Sequence

from controlroom.domain.room import Room
from controlroom.domain.wall import Conflict, Push, Wall, claims
from controlroom.domain.wall_rules import WallRule
from controlroom.i18n import _
from controlroom.wiring.seat import ZONE
from widgets.severity import severity_word
from widgets.wall_control import Line


def push_lines(wall: Wall, found: Sequence[Conflict], left: Callable[[Push], str]) -> list[Line]:
    """The pushes of a wall, a conflict first; `left` says how long one still lies there."""
    contested = {push.id: other for c in found for push, other in ((c.above, c.below), (c.below, c.above))}
    return [Line(push.id, _push_words(push, left(push), contested.get(push.id))) for push in wall.pushes]


def matrix_lines(room: Room, wall: str) -> list[Line]:
    """The saved states of a wall by name."""
    return [
        Line(
            matrix.id,
            _("{name} · screens {screens} · {officer}, {time}").format(
                name=matrix.name,
                screens=", ".join(str(screen.number) for screen in matrix.screens),
                officer=matrix.by,
                time=matrix.at.astimezone(ZONE).strftime("%m-%d %H:%M"),
            ),
        )
        for matrix in sorted(room.matrices.values(), key=lambda matrix: matrix.name)
        if matrix.wall == wall
    ]


def rule_lines(room: Room, wall: str) -> list[Line]:
    """The rules of a wall."""
    names = {matrix.id: matrix.name for matrix in room.matrices.values()}
    return [
        Line(rule.id, _rule_words(rule, names.get(rule.matrix, "")), rule.enabled)
        for rule in sorted(room.wall_rules.values(), key=lambda rule: rule.id)
        if rule.wall == wall
    ]


def _push_words(push: Push, left: str, other: Push | None) -> str:
    screens = sorted({number for number, _box in claims(push)})
    where = _("screen {screens}").format(screens=", ".join(map(str, screens)))
    told = _("{officer} ({seat}) · {where} · {left}").format(
        officer=push.by, seat=_("rule") if push.rule else push.seat, where=where, left=left
    )
    if other is None:
        return told
    return _("✕ conflict with {officer} ({seat}) · {line}").format(officer=other.by, seat=other.seat, line=told)


def _rule_words(rule: WallRule, matrix: str) -> str:
    shows = matrix or _("alarm cameras on screen {screens}").format(screens=", ".join(map(str, rule.screens)))
    parts = [rule.name, shows]
    if rule.hours is not None:
        parts.append(_("{begins}–{ends}").format(begins=rule.hours.begins, ends=rule.hours.ends))
    if rule.alarm is not None:
        parts.append(_("{severity} or worse").format(severity=severity_word(rule.alarm.at_least)))
    return _(" · ").join(parts)
