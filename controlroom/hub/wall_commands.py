"""What officers may command about video walls, as functions of the room."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from controlroom.domain.events import Event, MatrixChanged, WallChanged, WallRuleChanged
from controlroom.domain.room import Room
from controlroom.domain.wall import (
    PUSHES_MOST,
    Matrix,
    Push,
    Spot,
    Wall,
    WallScreen,
    WallTile,
    claims,
    held_by_others,
    in_force,
    placed_like,
    plain_screen,
    shown,
    touching,
    unit_box,
)
from controlroom.domain.wall_layout import emptied
from controlroom.domain.wall_rules import SHIPPED
from controlroom.hub.refusal import Refuse
from controlroom.hub.times import BEIJING
from controlroom.hub.tour_commands import TOUR_COMMANDS
from controlroom.wire.messages import Command, Refusal, ShowOnWall
from controlroom.wire.walls import (
    ArrangeWall,
    ClearWall,
    EndPush,
    ExtendPush,
    IdentifyWall,
    LoadMatrix,
    PushToWall,
    RemoveMatrix,
    RemoveWallRule,
    SaveMatrix,
    SetWallRule,
)

MATRICES_MOST = 200
RULES_MOST = 100
WALLS_MOST = 64

_Place = tuple[int, tuple[float, float, float, float]]


def command_wall(room: Room, command: Command, now: datetime) -> tuple[list[Event], str] | None:
    """The events of a command about walls and the id of what it made; None for other commands. Raises Refuse."""
    carry = _CARRIED_OUT.get(type(command.body))
    return None if carry is None else carry(room, command, command.body, now)


def _show(room: Room, command: Command, body: ShowOnWall, now: datetime) -> tuple[list[Event], str]:
    unknown = [i for i in body.tiles if i and i not in room.cameras]
    if unknown:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"no camera {unknown[0]} was declared")
    held = _wall(room, body.wall)
    first = held.base[0]
    screen = placed_like(plain_screen(body.tiles, body.columns), first)
    wall = _based(held, command, [screen], now, over=False)
    return [WallChanged(msgspec.structs.replace(wall, columns=body.columns, tiles=tuple(body.tiles)))], ""


def _arrange(room: Room, command: Command, body: ArrangeWall, now: datetime) -> tuple[list[Event], str]:
    numbers = [screen.number for screen in body.screens]
    if len(set(numbers)) != len(numbers) or (not body.screens and not body.remove):
        raise Refuse(Refusal.MALFORMED, "each screen is named once, and there is one")
    _cameras_known(room, body.screens, [])
    held = _wall(room, body.wall)
    wall = _based(held, command, body.screens, now, over=body.over)
    kept = tuple(screen for screen in wall.screens if screen.number not in body.remove)
    if not kept:
        raise Refuse(Refusal.NOT_ALLOWED, "a wall keeps a screen")
    return [WallChanged(msgspec.structs.replace(wall, screens=kept))], ""


def _push(room: Room, command: Command, body: PushToWall, now: datetime) -> tuple[list[Event], str]:
    if not body.screens and not body.spots:
        raise Refuse(Refusal.MALFORMED, "a push has a screen or a tile")
    _cameras_known(room, body.screens, body.spots)
    held = _wall(room, body.wall)
    push = _made(room, command, body.screens, body.spots, body.lease_s, now)
    return [WallChanged(_pushed(held, command, push, over=body.over))], push.id


def _extend(room: Room, command: Command, body: ExtendPush, now: datetime) -> tuple[list[Event], str]:
    wall, push = _pushed_on(room, body.wall, body.push)
    if push.rule:
        raise Refuse(Refusal.NOT_ALLOWED, "what a rule shows lasts as long as the rule holds")
    longer = msgspec.structs.replace(push, until=now + timedelta(seconds=body.lease_s))
    pushes = tuple(longer if held.id == push.id else held for held in wall.pushes)
    return [WallChanged(msgspec.structs.replace(wall, pushes=pushes))], ""


def _end(room: Room, command: Command, body: EndPush, now: datetime) -> tuple[list[Event], str]:
    wall, push = _pushed_on(room, body.wall, body.push)
    pushes = tuple(held for held in wall.pushes if held.id != push.id)
    dismissed = (*wall.dismissed, push.rule) if push.rule else wall.dismissed
    return [WallChanged(msgspec.structs.replace(wall, pushes=pushes, dismissed=dismissed))], ""


def _clear(room: Room, command: Command, body: ClearWall, now: datetime) -> tuple[list[Event], str]:
    held = _wall(room, body.wall)
    _screens_known(held, body.screens)
    wanted = [screen for screen in held.base if not body.screens or screen.number in body.screens]
    places: list[_Place] = [(screen.number, (0.0, 0.0, 1.0, 1.0)) for screen in wanted]
    numbers = {screen.number for screen in wanted}
    _consent(held, command.seat, places, now, over=body.over)
    on_them = [push for push in held.pushes if {number for number, _box in claims(push)} & numbers]
    gone = {push.id for push in on_them}
    dismissed = tuple(dict.fromkeys((*held.dismissed, *(push.rule for push in on_them if push.rule))))
    screens = tuple(emptied(s) if s.number in numbers else s for s in held.base)
    wall = msgspec.structs.replace(
        held,
        tiles=(),
        screens=screens,
        pushes=tuple(push for push in held.pushes if push.id not in gone),
        dismissed=dismissed,
        by=command.officer,
        at=now,
    )
    return [WallChanged(wall)], ""


def _identify(room: Room, command: Command, body: IdentifyWall, now: datetime) -> tuple[list[Event], str]:
    wall = _wall(room, body.wall)
    return [WallChanged(msgspec.structs.replace(wall, identify_until=now + timedelta(seconds=body.seconds)))], ""


def _save(room: Room, command: Command, body: SaveMatrix, now: datetime) -> tuple[list[Event], str]:
    wall = _wall(room, body.wall)
    _screens_known(wall, body.screens)
    name = body.name.strip()
    if not name:
        raise Refuse(Refusal.REASON_REQUIRED, "a saved state has a name")
    same = next((m for m in room.matrices.values() if (m.wall, m.name) == (body.wall, name)), None)
    if same is None and len(room.matrices) >= MATRICES_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"{MATRICES_MOST} states are saved, remove old ones first")
    screens = tuple(screen for screen in shown(wall) if not body.screens or screen.number in body.screens)
    matrix = Matrix(
        id=same.id if same is not None else f"matrix-{room.sequence + 1}",
        wall=body.wall,
        name=name,
        screens=screens,
        by=command.officer,
        at=now,
    )
    return [MatrixChanged(matrix)], matrix.id


def _load(room: Room, command: Command, body: LoadMatrix, now: datetime) -> tuple[list[Event], str]:
    matrix = _matrix(room, body.matrix)
    held = _wall(room, matrix.wall)
    standing = {screen.number: screen for screen in held.base}
    screens = [placed_like(screen, standing.get(screen.number, screen)) for screen in matrix.screens]
    if not body.lease_s:
        return [WallChanged(_based(held, command, screens, now, over=body.over))], ""
    push = _made(room, command, screens, [], body.lease_s, now)
    return [WallChanged(_pushed(held, command, push, over=body.over))], push.id


def _remove_matrix(room: Room, command: Command, body: RemoveMatrix, now: datetime) -> tuple[list[Event], str]:
    matrix = _matrix(room, body.matrix)
    user = next((rule for rule in room.wall_rules.values() if rule.matrix == matrix.id), None)
    if user is not None:
        raise Refuse(Refusal.NOT_ALLOWED, f"the rule {user.name} shows it, remove that first")
    return [MatrixChanged(msgspec.structs.replace(matrix, removed=True, by=command.officer, at=now))], ""


def _set_rule(room: Room, command: Command, body: SetWallRule, now: datetime) -> tuple[list[Event], str]:
    rule = body.rule
    if rule.removed or not rule.name.strip():
        raise Refuse(Refusal.MALFORMED, "a rule has a name; one is removed by its own command")
    if rule.matrix and _matrix(room, rule.matrix).wall != rule.wall:
        raise Refuse(Refusal.MALFORMED, "the saved state is of another wall")
    if rule.id not in room.wall_rules and len(room.wall_rules) >= RULES_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"there are {RULES_MOST} rules, remove old ones first")
    return [WallRuleChanged(msgspec.structs.replace(rule, by=command.officer, at=now))], rule.id


def _remove_rule(room: Room, command: Command, body: RemoveWallRule, now: datetime) -> tuple[list[Event], str]:
    rule = room.wall_rules.get(body.rule)
    if rule is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no rule {body.rule} (any more)")
    if rule.id.startswith(SHIPPED):
        raise Refuse(Refusal.NOT_ALLOWED, "a rule of the program is switched off, not removed")
    return [WallRuleChanged(msgspec.structs.replace(rule, removed=True, by=command.officer, at=now))], ""


_CARRIED_OUT: dict[type, Callable[[Room, Command, Any, datetime], tuple[list[Event], str]]] = {
    ShowOnWall: _show,
    ArrangeWall: _arrange,
    PushToWall: _push,
    ExtendPush: _extend,
    EndPush: _end,
    ClearWall: _clear,
    IdentifyWall: _identify,
    SaveMatrix: _save,
    LoadMatrix: _load,
    RemoveMatrix: _remove_matrix,
    SetWallRule: _set_rule,
    RemoveWallRule: _remove_rule,
    **TOUR_COMMANDS,
}


def _wall(room: Room, name: str) -> Wall:
    """The wall of a name; one that nobody has used is a new one. Raises Refuse."""
    held = room.walls.get(name)
    if held is None and len(room.walls) >= WALLS_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"there are {WALLS_MOST} walls")
    return held if held is not None else Wall(name=name)


def _matrix(room: Room, identity: str) -> Matrix:
    held = room.matrices.get(identity)
    if held is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no saved state {identity} (any more)")
    return held


def _pushed_on(room: Room, wall: str, identity: str) -> tuple[Wall, Push]:
    held = _wall(room, wall)
    push = next((push for push in held.pushes if push.id == identity), None)
    if push is None:
        raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no push {identity} (any more)")
    return held, push


def _screens_known(wall: Wall, numbers: Iterable[int]) -> None:
    there = {screen.number for screen in wall.base}
    for number in numbers:
        if number not in there:
            raise Refuse(Refusal.UNKNOWN_OBJECT, f"the wall {wall.name} has no screen {number}")


def _cameras_known(room: Room, screens: Iterable[WallScreen], spots: Iterable[Spot]) -> None:
    tiles = [tile for screen in screens for tile in screen.tiles] + [spot.tile for spot in spots]
    for tile in tiles:
        for camera in tile.cameras:
            if camera not in room.cameras:
                raise Refuse(Refusal.UNKNOWN_OBJECT, f"no camera {camera} was declared")
        if tile.tour and tile.tour not in room.tours:
            raise Refuse(Refusal.UNKNOWN_OBJECT, f"there is no tour {tile.tour} (any more)")
        for sensor in tile.sensors:
            if sensor not in room.sensors:
                raise Refuse(Refusal.UNKNOWN_OBJECT, f"no sensor {sensor} was declared")


def _made(
    room: Room, command: Command, screens: Iterable[WallScreen], spots: Iterable[Spot], lease_s: int, now: datetime
) -> Push:
    return Push(
        id=f"push-{room.sequence + 1}",
        seat=command.seat,
        by=command.officer,
        at=now,
        until=now + timedelta(seconds=lease_s),
        screens=tuple(screens),
        spots=tuple(spots),
    )


def _pushed(wall: Wall, command: Command, push: Push, *, over: bool) -> Wall:
    """The wall with one more push; those of this seat that it covers go, those of others stay below it."""
    numbers = [number for number, _box in claims(push)]
    _screens_known(wall, numbers)
    _consent(wall, command.seat, claims(push), push.at, over=over)
    below = [held for held in wall.pushes if held.seat != command.seat or held.rule or not _covers(push, held)]
    if len(below) >= PUSHES_MOST:
        raise Refuse(Refusal.TOO_LARGE, f"{PUSHES_MOST} pushes lie on the wall, end some first")
    return msgspec.structs.replace(wall, pushes=(*below, push))


def _covers(push: Push, held: Push) -> bool:
    """Whether everything that a push takes is taken by a newer one."""
    taken = claims(push)
    whole = {number for number, box in taken if box == (0.0, 0.0, 1.0, 1.0)}
    return all(number in whole or (number, box) in taken for number, box in claims(held))


def _based(wall: Wall, command: Command, screens: list[WallScreen], now: datetime, *, over: bool) -> Wall:
    """The wall that shows these screens for good. What lies over a changed place ends, with consent of whose it is."""
    before = {screen.number: screen for screen in wall.base}
    places = [place for screen in screens for place in _changed(before.get(screen.number), screen)]
    _consent(wall, command.seat, places, now, over=over)
    gone = {push.id for push in touching([push for push in wall.pushes if not push.rule], places)}
    after = before | {screen.number: screen for screen in screens}
    return msgspec.structs.replace(
        wall,
        screens=tuple(after[number] for number in sorted(after)),
        pushes=tuple(push for push in wall.pushes if push.id not in gone),
        by=command.officer,
        at=now,
    )


def _changed(before: WallScreen | None, after: WallScreen) -> list[_Place]:
    """The places of a screen that are to show something else; all of it where the grid is another."""
    if before is None:
        return []
    if (before.columns, before.rows) != (after.columns, after.rows):
        return [(after.number, (0.0, 0.0, 1.0, 1.0))]
    kept: set[WallTile] = set(before.tiles)
    return [(after.number, unit_box(t, after.columns, after.rows)) for t in after.tiles if t not in kept]


def _consent(wall: Wall, seat: str, places: list[_Place], now: datetime, *, over: bool) -> None:
    """Raise Refuse where another seat holds one of these places and the officer did not say that it may be taken."""
    holders = [] if over else held_by_others(in_force(wall, now), seat, places)
    if holders:
        last = holders[-1]
        until = last.until.astimezone(BEIJING).strftime("%H:%M:%S") if last.until is not None else "—"
        raise Refuse(Refusal.NOT_ALLOWED, f"{last.by} ({last.seat}) holds this place of the wall until {until}")
