"""Walls driven from this desk, connected: what the officer does becomes commands, what the hub tells is shown."""

import uuid
from collections.abc import Iterable
from datetime import datetime

import msgspec
from PySide6.QtCore import QObject

from controlroom.domain.wall import (
    Spot,
    TileKind,
    Wall,
    WallScreen,
    WallTile,
    conflicts,
    placed_like,
    plain_screen,
    shown,
    unit_box,
    with_spot,
)
from controlroom.domain.wall_layout import joined, laid_out, merged, split
from controlroom.domain.wall_rules import AlarmWanted, WallRule
from controlroom.i18n import _
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
from controlroom.wiring.seat import Seat
from controlroom.wiring.wall_consent import WallConsent
from controlroom.wiring.wall_lines import matrix_lines, push_lines, rule_lines
from controlroom.wiring.wall_tours import TourDesk
from widgets.wall_control import WallControl
from widgets.wall_rule_dialog import WallRuleDialog

EXTENSION_S = 900


class WallControlWiring(QObject):
    """Feeds one control and carries out what is asked there."""

    def __init__(self, seat: Seat, name: str = "") -> None:
        self.control = WallControl()
        super().__init__(self.control)
        self._seat = seat
        self._name = name or seat.wall
        self._consent = WallConsent(seat, self.control, lambda: self.wall, self)
        pump, control, miniature = seat.pump, self.control, self.control.miniature
        pump.room_reset.connect(self._show)
        pump.walls_changed.connect(self._show)
        pump.wall_plans_changed.connect(self._show)
        pump.cameras_changed.connect(self._show)
        pump.ticked.connect(self._tick)
        control.wall_chosen.connect(self._choose)
        control.laid_out.connect(self._lay_out)
        control.merge_wanted.connect(self._merge)
        control.split_wanted.connect(self._split)
        control.content_wanted.connect(self._content)
        control.dwell_wanted.connect(self._dwell)
        control.view_pushed.connect(self._push_view)
        control.identify_wanted.connect(lambda: seat.send(IdentifyWall(wall=self._name)))
        control.clear_wanted.connect(self._clear)
        control.screen_added.connect(self._add_screen)
        control.screen_removed.connect(self._remove_screen)
        control.push_ended.connect(lambda push: seat.send(EndPush(wall=self._name, push=push)))
        control.push_extended.connect(self._extend)
        control.matrix_saved.connect(self._save)
        control.matrix_loaded.connect(self._load)
        control.matrix_removed.connect(lambda matrix: seat.send(RemoveMatrix(matrix=matrix)))
        control.rule_switched.connect(self._switch)
        control.rule_wanted.connect(self._edit)
        control.rule_removed.connect(lambda rule: seat.send(RemoveWallRule(rule=rule)))
        miniature.dropped.connect(self._put)
        miniature.put_wanted.connect(self._put_chosen)
        self._tours = TourDesk(seat, control.tours, self._put_content)
        self._show()

    # ---- what is shown

    @property
    def wall(self) -> Wall:
        """The wall that is driven; one that nobody has arranged has the seat's grid."""
        held = self._seat.pump.room.walls.get(self._name) or Wall(name=self._name)
        if held.screens or held.tiles:
            return held
        columns = self._seat.wall_columns
        return msgspec.structs.replace(held, screens=(plain_screen([""] * (columns * columns), columns),))

    def _choose(self, name: str) -> None:
        if name:
            self._name = name
            self._show()

    def _tick(self, now: datetime) -> None:
        if self.control.isVisible():
            self._show()

    def _show(self, _changed: object = None) -> None:
        room, wall, now = self._seat.pump.room, self.wall, self._seat.clock.now()
        screens, found = shown(wall), conflicts(wall)
        names = {
            camera: room.cameras[camera].name
            for screen in screens
            for tile in screen.tiles
            for camera in tile.cameras
            if camera in room.cameras
        }
        names |= {tour.id: tour.name for tour in room.tours.values()}
        self.control.miniature.show_wall(screens, wall.pushes, found, names, now)
        self.control.show_walls(sorted({self._name, self._seat.wall, *room.walls}), self._name)
        left = self.control.miniature.left
        self.control.show_lists(
            push_lines(wall, found, left), matrix_lines(room, self._name), rule_lines(room, self._name)
        )
        self._tours.refresh()

    # ---- what is put on the wall

    def _put(self, number: int, place: int, cameras: list[str]) -> None:
        """Cameras onto a tile: several are a tour, none empties it."""
        kind = TileKind.CAROUSEL if len(cameras) > 1 else TileKind.CAMERA
        self._put_tile(number, place, WallTile(kind=kind, cameras=tuple(cameras[:200])))

    def _put_chosen(self, number: int, place: int) -> None:
        """The keyboard's way: the camera that is chosen elsewhere."""
        selection = self._seat.selection
        if selection.kind == "camera" and selection.id in self._seat.pump.room.cameras:
            self._put(number, place, [selection.id])
        else:
            self.control.ask("")
            self._seat.requests.told.emit(_("Choose a camera first, in the list or on the map."))

    def _content(self, kind: TileKind, text: str) -> None:
        sensors: tuple[str, ...] = ()
        if kind is TileKind.PLOT and self._seat.selection.kind == "sensor":
            sensors = (self._seat.selection.id,)
        self._put_content(WallTile(kind=kind, text=text, sensors=sensors))

    def _put_content(self, content: WallTile) -> None:
        """Onto the chosen tile."""
        self._put_tile(*self.control.miniature.chosen, content)

    def _dwell(self, seconds: int) -> None:
        number, place = self.control.miniature.chosen
        screen = self._screen(shown(self.wall), number)
        if screen is not None and screen.tiles[place].kind is TileKind.CAROUSEL:
            self._put_tile(number, place, msgspec.structs.replace(screen.tiles[place], dwell_s=seconds))

    def _put_tile(self, number: int, place: int, content: WallTile) -> None:
        screen = self._screen(shown(self.wall), number)
        if screen is None or place >= len(screen.tiles):
            return
        held = screen.tiles[place]
        tile = msgspec.structs.replace(content, left=held.left, top=held.top, width=held.width, height=held.height)
        spot = Spot(screen=number, columns=screen.columns, rows=screen.rows, tile=tile)
        base = self._screen(self.wall.base, number)
        if self.control.lease_s:
            self._consent.send(PushToWall(wall=self._name, lease_s=self.control.lease_s, spots=[spot]))
        elif base is not None:
            self._consent.send(ArrangeWall(wall=self._name, screens=[with_spot(base, spot)]))

    def _put_screen(self, screen: WallScreen) -> None:
        if self.control.lease_s:
            self._consent.send(PushToWall(wall=self._name, lease_s=self.control.lease_s, screens=[screen]))
        else:
            self._consent.send(ArrangeWall(wall=self._name, screens=[screen]))

    def _lay_out(self, number: int, name: str) -> None:
        screen = self._screen(shown(self.wall), number)
        if screen is not None:
            self._put_screen(laid_out(screen, name))

    def _merge(self) -> None:
        """The marked tiles, or the chosen one and its neighbour: to the right, at the right edge below."""
        number, place = self.control.miniature.chosen
        screen, marked = self._screen(shown(self.wall), number), self.control.miniature.marked
        if screen is None:
            return
        if len(marked) > 1:
            try:
                self._put_screen(joined(screen, (place, *marked)))
            except ValueError:
                self._seat.requests.told.emit(_("The marked tiles make no rectangle: one of them reaches beyond."))
            return
        held = screen.tiles[place]
        right = (held.left + held.width, held.top)
        below = (held.left, held.top + held.height)
        for column, row in (right, below):
            other = next((k for k, t in enumerate(screen.tiles) if (t.left, t.top) == (column, row)), None)
            if other is None:
                continue
            try:
                self._put_screen(merged(screen, place, other))
            except ValueError:
                continue
            return
        self._seat.requests.told.emit(_("There is no tile beside this one that fits."))

    def _split(self) -> None:
        """The marked tiles, each in four."""
        screen = self._screen(shown(self.wall), self.control.miniature.chosen[0])
        if screen is None:
            return
        places = [unit_box(screen.tiles[k], screen.columns, screen.rows) for k in self.control.miniature.marked]
        try:
            for place in places:
                now = [unit_box(tile, screen.columns, screen.rows) for tile in screen.tiles]
                screen = split(screen, now.index(place))
            self._put_screen(screen)
        except ValueError:
            self._seat.requests.told.emit(_("This tile cannot be made smaller."))

    def _push_view(self) -> None:
        """What the wall of this desk shows, onto the chosen screen."""
        view = self._seat.wall_view()
        screen = self._screen(self.wall.base, self.control.miniature.chosen[0])
        if view is None or screen is None:
            self._seat.requests.told.emit(_("This desk has no video wall open that could be pushed."))
            return
        lease_s = self.control.lease_s or EXTENSION_S
        self._consent.send(PushToWall(wall=self._name, lease_s=lease_s, screens=[placed_like(view, screen)]))

    def _clear(self) -> None:
        number = self.control.miniature.chosen[0]
        if self._screen(self.wall.base, number) is not None:
            if self._name not in self._seat.pump.room.walls:
                self._consent.send(ArrangeWall(wall=self._name, screens=list(self.wall.base)))
            else:
                self._consent.send(ClearWall(wall=self._name, screens=[number]))

    def _add_screen(self) -> None:
        """One more to the right of all, as large as the last."""
        base = self.wall.base
        free = next((n for n in range(1, 17) if all(s.number != n for s in base)), None)
        if free is None:
            self._seat.requests.told.emit(_("A wall has the screens 1 to {most}.").format(most=16))
            return
        last = max(base, key=lambda screen: screen.left_px)
        new = msgspec.structs.replace(
            laid_out(plain_screen([""], 1, free), "4"),
            left_px=last.left_px + last.width_px,
            top_px=last.top_px,
            width_px=last.width_px,
            height_px=last.height_px,
        )
        self._consent.send(ArrangeWall(wall=self._name, screens=[*base, new]))

    def _remove_screen(self) -> None:
        self._consent.send(ArrangeWall(wall=self._name, remove=[self.control.miniature.chosen[0]]))

    # ---- pushes, saved states and rules

    def _extend(self, push: str) -> None:
        lease_s = self.control.lease_s or EXTENSION_S
        self._seat.send(ExtendPush(wall=self._name, push=push, lease_s=lease_s))

    def _save(self, name: str, is_partial: bool) -> None:
        screens = [self.control.miniature.chosen[0]] if is_partial else []
        self._seat.send(SaveMatrix(wall=self._name, name=name, screens=screens))

    def _load(self, matrix: str) -> None:
        self._consent.send(LoadMatrix(matrix=matrix, lease_s=self.control.lease_s))

    def _switch(self, identity: str, is_on: bool) -> None:
        rule = self._seat.pump.room.wall_rules.get(identity)
        if rule is not None and rule.enabled is not is_on:
            self._seat.send(SetWallRule(rule=msgspec.structs.replace(rule, enabled=is_on)))

    def _edit(self, identity: str) -> None:
        held = self._seat.pump.room.wall_rules.get(identity)
        if held is None:
            number = self.control.miniature.chosen[0] or 1
            held = WallRule(
                id=f"rule-{uuid.uuid4().hex[:12]}",
                name=_("New rule"),
                wall=self._name,
                screens=(number,),
                alarm=AlarmWanted(),
                enabled=True,
            )
        matrices = {m.id: m.name for m in self._seat.pump.room.matrices.values() if m.wall == self._name}
        dialog = WallRuleDialog(held, matrices, [screen.number for screen in self.wall.base], self.control)
        dialog.decided.connect(self._decided)
        dialog.open()

    def _decided(self, rule: WallRule) -> None:
        self._seat.send(SetWallRule(rule=rule))

    @staticmethod
    def _screen(screens: Iterable[WallScreen], number: int) -> WallScreen | None:
        return next((screen for screen in screens if screen.number == number), None)
