"""What is chosen on a map, connected: listed with its states, to the wall, to the curves, into a file."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from controlroom.bridge.chosen_export import export_chosen
from controlroom.bridge.models.chosen_model import ChosenRows
from controlroom.domain.severity import Severity
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.choosing import Group
from controlroom.mapping.coordinates import to_degrees
from controlroom.mapping.layers import MapLayer, Selection
from controlroom.mapping.points import PointLayer
from controlroom.mapping.viewpoint import ViewRule
from controlroom.wiring.seat import ZONE, Seat
from widgets.map_texts import camera_words, layer_titles, sensor_words
from widgets.map_view import MapView
from widgets.severity import severity_word

MOST_CURVES = 4
"""So many sensors go to the plots; more of them open a chart of small multiples."""

_TITLES = {
    "alarm": MapLayer.ALARMS,
    "camera": MapLayer.CAMERAS,
    "sensor": MapLayer.SENSORS,
    "vehicle": MapLayer.VEHICLES,
}


class MapChoiceWiring(QObject):
    """Lists what is chosen on one view and does what the panel asks."""

    def __init__(self, seat: Seat, view: MapView) -> None:
        super().__init__(view)
        self._seat = seat
        self._view = view
        view.choosing.changed.connect(self._changed)
        panel = view.panel
        panel.wall_wanted.connect(self._to_wall)
        panel.curves_wanted.connect(self._to_curves)
        panel.corroboration_wanted.connect(seat.requests.corroboration_wanted)
        panel.group_wanted.connect(self._to_group)
        panel.export_wanted.connect(self._export)

    def name_next(self, title: str) -> None:
        """What is chosen next has this title, as the menu asked for it; it is told even when nothing is found."""
        self._view.choosing.name_next(title)

    def _changed(self) -> None:
        title = self._view.choosing.title
        rows = [self._rows(group) for group in self._view.choosing.choice.groups]
        self._view.panel.show_rows(rows, title)

    def _rows(self, group: Group) -> ChosenRows:
        scene = self._view.scene
        titles = layer_titles()
        index, none = group.index, np.zeros(0, np.uint8)
        if group.kind == "alarm":
            alarms = {alarm.id: alarm for alarm in scene.alarms}
            held = [alarms[name] for name in group.ids]
            states = np.array([alarm.severity for alarm in held], np.uint8)
            words = ("", *(severity_word(severity) for severity in Severity))
            lon, lat = np.array([a.lon for a in held], np.float64), np.array([a.lat for a in held], np.float64)
            names = [alarm.title for alarm in held]
            rows = np.arange(len(held))
            return ChosenRows(group.kind, titles[MapLayer.ALARMS], group.ids, names, rows, lon, lat, states, words)
        features = scene.sheets.chosen.get(group.kind)
        if features is not None:
            title = features.title
            if features.count > len(features.ids):
                told = _("{title}, the first {some} of {all}")
                title = told.format(title=title, some=f"{len(features.ids):,}", all=f"{features.count:,}")
            places = features.lon, features.lat
            return ChosenRows(group.kind, title, features.ids, features.names, index, *places, none, ())
        layer = scene.fleet if group.kind == "vehicle" else scene.point_layer(group.kind)
        if layer is None:
            raise KeyError(group.kind)
        lon, lat = to_degrees(layer.x[index], layer.y[index])
        plugin = scene.plugins.get(group.kind)
        title = plugin.spec.title if plugin is not None else titles[_TITLES[group.kind]]
        words = {"sensor": sensor_words, "camera": camera_words}.get(group.kind, tuple)()
        states = layer.state[index] if isinstance(layer, PointLayer) and words else none
        known = plugin.texts if plugin is not None else layer.names
        return ChosenRows(group.kind, title, group.ids, known, index, lon, lat, states, words)

    def _to_wall(self, cameras: list[str]) -> None:
        places = self._seat.wall_tiles
        self._seat.requests.cameras_wanted.emit(cameras[:places])
        if len(cameras) > places:
            told = _("{count} cameras are chosen; the first {places} are on the wall.")
            self._seat.requests.told.emit(told.format(count=len(cameras), places=places))

    def _to_curves(self, sensors: list[str]) -> None:
        if len(sensors) > MOST_CURVES:
            self._seat.requests.chart_wanted.emit("wall", sensors)
            return
        for sensor in sensors:
            self._seat.requests.plot_wanted.emit(sensor)

    def _to_group(self, objects: list[tuple[str, str]]) -> None:
        self._view.hold.fit(ViewRule.GROUP, [Selection(kind, identity) for kind, identity in objects])

    def _export(self) -> None:
        dialog = QFileDialog(self._view, _("Export what is chosen"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"map-{self._seat.clock.now().astimezone(ZONE):%Y%m%d-%H%M%S}.csv")
        dialog.fileSelected.connect(self._write)
        dialog.open()

    def _write(self, name: str) -> None:
        self._seat.tasks.spawn(self.export_to(Path(name)), "export what is chosen")

    async def export_to(self, path: Path) -> None:
        """Write what is listed; whatever came of it is told."""
        at = self._seat.clock.now().astimezone(ZONE).isoformat(timespec="seconds")
        try:
            await export_chosen(path, self._view.panel.model.groups, at)
        except EnvironmentFault as fault:
            self._seat.requests.told.emit(fault.sentence)
        else:
            self._seat.requests.told.emit(_("Written: {path}").format(path=path))
