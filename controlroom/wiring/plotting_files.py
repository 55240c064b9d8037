"""Plotting for command as files: taken from neighbours, given to them, and burnt into a picture of the map."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from controlroom.bridge.graphic_steps import GraphicSteps
from controlroom.bridge.wording import moment_text
from controlroom.domain.times import from_ms
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _, _n
from controlroom.mapping.coordinates import Datum
from controlroom.mapping.graphic_files import read_graphics, to_geojson, to_kml
from controlroom.wiring.seat import ZONE, Seat
from widgets.graphic_picture import PictureFacts, burnt_in
from widgets.map_menu import shown_outline
from widgets.map_surface import MapPicture
from widgets.map_view import MapView

AT_ONCE = 200
"""Drawings in one command."""
_PATIENCE_S = 30.0
"""So long a map may take for its picture. House figure."""


class GraphicFiles:
    """Reads and writes files of graphics. `chosen` are the ids on the board, `say` tells what was taken."""

    def __init__(
        self, seat: Seat, steps: GraphicSteps, chosen: Callable[[], Sequence[str]], say: Callable[[str], None]
    ) -> None:
        self._seat, self._steps = seat, steps
        self._chosen, self._say = chosen, say

    async def take(self, file: Path, incident: str, datum: Datum = Datum.WGS84) -> None:
        """Draw what a file holds. Raises EnvironmentFault or CommandRefused; what is refused in it is said."""
        try:
            data = file.read_bytes()
        except OSError as error:
            raise EnvironmentFault(
                _("{path} cannot be read: {error}").format(path=file, error=error.strerror)
            ) from error
        taken = read_graphics(data, file.name, incident, datum)
        for start in range(0, len(taken.drawings), AT_ONCE):
            await self._steps.draw(taken.drawings[start : start + AT_ONCE])
        said = _n("{count} graphic taken from {name}.", "{count} graphics taken from {name}.", len(taken.drawings))
        lines = [said.format(count=len(taken.drawings), name=file.name), *taken.refused[:8]]
        if len(taken.refused) > 8:
            lines.append(_("and {count} more").format(count=len(taken.refused) - 8))
        self._say("\n".join(lines))

    async def give(self, file: Path, kind: str) -> None:
        """Write the chosen graphics, or all that are shown, or the map. Raises EnvironmentFault."""
        now, room, table = self._seat.clock.now(), self._seat.pump.room, self._seat.graphics
        chosen = self._chosen()
        shown = table.shown(room, self._seat.selection.id if self._seat.selection.kind == "incident" else "")
        held = [room.graphics[i] for i in chosen if i in room.graphics] if len(chosen) > 1 else shown
        if kind == "png":
            await self._picture(file)
        else:
            made = (
                to_geojson(held, table.symbols, now).encode()
                if kind == "geojson"
                else to_kml(held, table.symbols, now, _("Plotting of {time}").format(time=moment_text(now, ZONE)))
            )
            try:
                file.write_bytes(made)
            except OSError as error:
                raise EnvironmentFault(
                    _("The file {path} cannot be written: {error}").format(path=file, error=error.strerror)
                ) from error
        self._seat.requests.told.emit(_("Written: {path}").format(path=file))

    async def _picture(self, file: Path) -> None:
        view = self._map()
        if view is None:
            raise EnvironmentFault(_("No map is shown. Open one, then save its picture."))
        taken = await _taken(view)
        now = self._seat.clock.now()
        centre, scene, shot = taken.centre, view.scene, taken.image
        ratio = shot.devicePixelRatio()
        shot.setDevicePixelRatio(1.0)
        newest = max((g.touched_at for g in self._seat.pump.room.graphics.values()), default=None)
        lines = [
            _("Made {time} by {officer} at {seat}").format(
                time=moment_text(now, ZONE), officer=self._seat.commands.officer, seat=self._seat.name
            ),
            _("Map data as of {time}").format(time=moment_text(from_ms(taken.clock_ms), ZONE))
            if taken.clock_ms
            else _("Map data: none yet"),
        ]
        if newest is not None:
            lines.append(_("Plotting last changed {time}").format(time=moment_text(newest, ZONE)))
        title = _("District map with plotting")
        facts = PictureFacts(title, tuple(lines), centre.lat, centre.zoom, scene.dark, ratio)
        west, north, east, south = _box(
            shown_outline(centre, round(shot.width() / ratio), round(shot.height() / ratio))
        )
        marks = [m for m in scene.graphics if west <= m.lon <= east and south <= m.lat <= north]
        if not burnt_in(shot, marks, facts).save(str(file)):
            raise EnvironmentFault(_("The picture cannot be written to {path}.").format(path=file))

    def _map(self) -> MapView | None:
        """The map that has the keyboard, else one that is seen."""
        focus = QApplication.focusWidget()
        while focus is not None and not isinstance(focus, MapView):
            focus = focus.parentWidget()
        seen = [view for view in QApplication.allWidgets() if isinstance(view, MapView) and view.isVisible()]
        return focus if isinstance(focus, MapView) else seen[0] if seen else None


async def _taken(view: MapView) -> MapPicture:
    """The picture of what a map is asked to show, once drawn. Raises EnvironmentFault when it is not in time."""
    pictures: list[MapPicture | None] = []
    come = asyncio.Event()

    def take(picture: MapPicture | None) -> None:
        pictures.append(picture)
        come.set()

    view.surface.take_picture(take)
    try:
        # The map has a shorter patience of its own, unless it is closed meanwhile.
        await asyncio.wait_for(come.wait(), _PATIENCE_S) if not pictures else None
    except TimeoutError:
        pictures.append(None)
    if pictures[0] is None:
        raise EnvironmentFault(
            _("The map was not drawn in time, so no picture was written. Wait a moment, then try again.")
        )
    return pictures[0]


def _box(corners: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    lon, lat = [p[0] for p in corners], [p[1] for p in corners]
    return min(lon), max(lat), max(lon), min(lat)
