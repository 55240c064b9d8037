"""The simple map: drawn by numpy and QPainter where the web engine is missing, blank or keeps crashing."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from controlroom.bridge.raw_text import tip
from controlroom.mapping.coordinates import NOWHERE, WORLD, to_degrees, to_fixed
from controlroom.mapping.district import District, Line
from controlroom.mapping.kinds import PREFIXES, KindLooks, kind_looks
from controlroom.mapping.layers import MapCentre, MapLayer, Selection
from controlroom.mapping.points import PointLayer
from controlroom.mapping.scene import Scene
from widgets.graphic_paint import paint_graphics, paint_sketch
from widgets.map_painted_areas import LayerShapes, draw_chosen, draw_trails
from widgets.map_painted_base import PaintedBase, draw_base_words
from widgets.map_painted_hand import AreaHand
from widgets.map_painted_looks import camera_looks, class_looks, sensor_looks
from widgets.map_painted_marks import REACH_PX, mark_at, paint_alarms, paint_incidents
from widgets.map_painted_movers import draw_cones, draw_selection, draw_vehicles
from widgets.map_painted_points import CLUSTER_BELOW, Sight, cell_at, paint_points, paint_texts
from widgets.map_painted_sheets import PaintedSheets
from widgets.map_painted_veil import draw_sources, draw_veil
from widgets.map_surface import Ask, MapPicture, MapSurface
from widgets.sketch_hand import SketchHand

_DARK = {"ground": "#14181d", "land": "#1d232a", "line": "#46515d", "outline": "#7d8b99", "ink": "#dfe6ec"}
_LIGHT = {"ground": "#e9ecef", "land": "#f8f9fa", "line": "#c3ccd4", "outline": "#5d6b78", "ink": "#1c242b"}
_KINDS: dict[str, str] = {MapLayer.VEHICLES: "vehicle", MapLayer.CAMERAS: "camera", MapLayer.SENSORS: "sensor"}
"""What the objects of a layer are called; those of other layers go by the layer's id."""
_REPAINT_MS = 80


class PaintedSurface(MapSurface):
    """Outline, towns, roads, points, vehicles and alarms of a scene; drag, wheel, +, -, arrows and Home move it."""

    def __init__(self, scene: Scene, district: District, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._scene = scene
        self._district = district
        self._paths = {
            name: _path(lines)
            for name, lines in (
                ("outline", district.outline),
                ("cells", district.cells),
                ("roads", tuple(line for line in district.roads if line.rank == 0)),
            )
        }
        self._pressed: QPoint | None = None
        self._grabbed: QPointF | None = None
        self._dragged = False
        self._shapes = LayerShapes()
        self._base = PaintedBase(scene, self.scene_changed)
        self._sheets = PaintedSheets(scene.sheets, self)
        self._sheets.arrived.connect(self.scene_changed)
        self._hand = AreaHand(self._degrees, self.area_chosen.emit)
        self.setMouseTracking(True)
        self._pen = SketchHand(scene, self.sketched.emit, self._place, self._degrees)
        self._repaint = QTimer(self, singleShot=True, interval=_REPAINT_MS)
        self._repaint.timeout.connect(self.update)
        QTimer.singleShot(0, self, self.ready.emit)

    def scene_changed(self) -> None:
        """Draws again soon; changes in between are drawn at once."""
        if not self._repaint.isActive():
            self._repaint.start()

    def set_tiles(self, ask: Ask | None) -> None:
        """Whom pictures of the base map are asked from."""
        self._base.set_tiles(ask)

    def show_legend(self, shown: bool) -> None:
        """The simple map has no legend: its colours are those of the alarm table."""

    def take_picture(self, then: Callable[[MapPicture | None], None]) -> None:
        """Painted while it is asked for."""
        then(MapPicture(self.grab().toImage(), self._scene.centre, self._scene.clock_ms))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Everything, from the ground up."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = _DARK if self._scene.dark else _LIGHT
        painter.fillRect(self.rect(), QColor(look["ground"]))
        self._base.draw(painter, self._origin(), self._scale())
        land = "" if self._base.is_drawn else look["land"]
        self._draw_line(painter, "outline", look["outline"], 2.0, filled=land)
        tree, zoom = self._scene.tree, self._scene.centre.zoom
        for drawn in tree.drawn():
            if tree.draws(drawn.id, zoom):
                painter.setOpacity(drawn.opacity)
                self._draw_layer(painter, drawn.id, look)
        painter.setOpacity(1.0)
        draw_chosen(painter, self._scene, self._place, (self.width(), self.height()))
        self._hand.draw(painter, self._pixel)
        draw_selection(painter, self._scene, self._place, look["ink"])
        if self._scene.sketch is not None:
            paint_sketch(painter, self._scene.sketch, self._place, self._scene.dark)
        draw_sources(painter, self._scene, self.rect(), look)
        draw_base_words(painter, self._scene, self.rect())
        if self._scene.stale:
            draw_veil(painter, self._scene, self.rect())
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins a drag or a click, a box, or sets a corner."""
        if self._hand.pressed(event):
            self.update()
            return
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed, self._dragged = event.position().toPoint(), False
        if self._pen.press(event.position()):
            self._pressed = None
            self._grabbed = event.position()

    def event(self, event: QEvent) -> bool:
        """While something is drawn Tab goes from corner to corner; a tip says what is pointed at."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            kind, identity = self._pick(QPointF(event.pos()))
            words = self._scene.card_of(Selection(kind, identity)) if kind else ""
            QToolTip.showText(event.globalPos(), tip(words), self) if words else QToolTip.hideText()
            return True
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._pen.active:
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags the map, or what is being drawn."""
        if self._hand.moved(event):
            self.update()
        if self._pressed is None:
            return
        step = event.position().toPoint() - self._pressed
        if self._dragged or step.manhattanLength() > 4:
            if not self._dragged:
                self.touched.emit(True)
            self._dragged = True
            self._pressed = event.position().toPoint()
            self._shift(-step.x(), -step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click picks the nearest object; with Ctrl it joins what is chosen."""
        if event.button() is Qt.MouseButton.LeftButton and self._hand.released():
            self.update()
            return
        at = event.position()
        grabbed, self._grabbed = self._grabbed, None
        moved = self._dragged or (grabbed is not None and (at - grabbed).manhattanLength() > 4)
        if event.button() is Qt.MouseButton.LeftButton and self._pen.release(at, moved):
            self._pressed = None
            return
        if self._pressed is not None and not self._dragged:
            found = self._pick(at)
            if not found[0] and (graphic := self._scene.graphic_at(*self._degrees(at))):
                found = "graphic", graphic
            if found[0] and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.added.emit(*found)
            else:
                self.place_clicked.emit(*self._degrees(at))
                if not found[0] and self._cluster(at):
                    self._open_cluster(at)
                else:
                    self.picked.emit(*found)
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ends a polygon, or what is drawn."""
        if self._pen.active:
            self._pressed = None
            self._pen.double()
        elif self._hand.corners is not None:
            self._hand.finish()
            self.update()

    def draw_area(self, wanted: bool) -> None:
        """Takes clicks and keys for corners until it tells an area."""
        self._hand.begin(wanted)
        self.setFocus()
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the place under the pointer, or of the middle when a key asked."""
        if self._pen.menu(event.pos().toPointF()):
            return
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        at = QPointF(self.rect().center() if by_key else event.pos())
        self.pointed.emit(*self._degrees(at), *self._pick(at))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms."""
        self.touched.emit(True)
        self._zoom(1 if event.angleDelta().y() > 0 else -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves and zooms from the keyboard."""
        shifts = {
            Qt.Key.Key_Left: (-80, 0),
            Qt.Key.Key_Right: (80, 0),
            Qt.Key.Key_Up: (0, -80),
            Qt.Key.Key_Down: (0, 80),
        }
        if self._hand.key(event, QPointF(self.rect().center())):
            self.update()
        elif self._pen.key(event, QPointF(self.rect().center())):
            return
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() in shifts:
            self.touched.emit(True)
            self._shift(*shifts[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.touched.emit(False)
            self._zoom(-1 if event.key() == Qt.Key.Key_Minus else 1)
        elif event.key() == Qt.Key.Key_Home:
            self.home_asked.emit()
        else:
            super().keyPressEvent(event)

    def _scale(self) -> float:
        return 256.0 * 2.0**self._scene.centre.zoom / WORLD

    def _origin(self) -> tuple[float, float]:
        """World coordinates of the widget's top left corner."""
        x, y = to_fixed(self._scene.centre.lon, self._scene.centre.lat)
        return float(x) - self.width() / 2 / self._scale(), float(y) - self.height() / 2 / self._scale()

    def _degrees(self, at: QPointF) -> tuple[float, float]:
        """Longitude and latitude of a pixel."""
        left, top = self._origin()
        lon, lat = to_degrees(left + at.x() / self._scale(), top + at.y() / self._scale())
        return float(lon), float(lat)

    def _pixel(self, place: tuple[float, float]) -> QPointF:
        """Where a place (lon, lat) is drawn."""
        x, y = self._place(*(np.atleast_1d(part) for part in to_fixed(*place)))
        return QPointF(float(x[0]), float(y[0]))

    def _transform(self) -> QTransform:
        """From world coordinates to pixels."""
        left, top = self._origin()
        return QTransform().scale(self._scale(), self._scale()).translate(-left, -top)

    def _place(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels of world coordinates."""
        left, top = self._origin()
        return (x.astype(np.float64) - left) * self._scale(), (y.astype(np.float64) - top) * self._scale()

    def _shift(self, dx: int, dy: int) -> None:
        left, top = self._origin()
        x, y = left + (self.width() / 2 + dx) / self._scale(), top + (self.height() / 2 + dy) / self._scale()
        lon, lat = to_degrees(x, y)
        self._look_at(MapCentre(float(lon), float(lat), self._scene.centre.zoom))

    def _zoom(self, step: int) -> None:
        held = self._scene.centre
        self._look_at(MapCentre(held.lon, held.lat, max(8, min(18, held.zoom + step))))

    def _open_cluster(self, at: QPointF) -> None:
        """Nearer to a cluster, until its points stand alone."""
        self.touched.emit(True)
        lon, lat = self._degrees(at)
        self._look_at(MapCentre(lon, lat, min(self._scene.centre.zoom + 2, CLUSTER_BELOW)))

    def _look_at(self, centre: MapCentre) -> None:
        self._scene.centre = centre
        self.centre_changed.emit()
        self.update()

    def _draw_layer(self, painter: QPainter, layer_id: str, look: dict[str, str]) -> None:
        """One layer of the tree; what this map knows nothing of is not drawn."""
        scene = self._scene
        match layer_id:
            case MapLayer.TOWNS:
                self._draw_towns(painter, look)
            case MapLayer.ROADS:
                if not (self._base.is_drawn and scene.base and scene.base["bare"]):
                    self._draw_line(painter, "roads", look["line"], 1.4)
            case MapLayer.CONES:
                draw_cones(painter, scene, self._place)
            case MapLayer.GRAPHICS:
                chosen = "" if scene.selection is None else scene.selection.id
                paint_graphics(painter, scene.graphics, self._place, scene.dark, chosen, scene.centre.zoom)
            case MapLayer.SENSORS:
                self._draw_points(painter, "sensor")
            case MapLayer.CAMERAS:
                self._draw_points(painter, "camera")
            case MapLayer.VEHICLES:
                draw_trails(painter, scene, self._place, (look["ink"], "#62d0c8"))
                draw_vehicles(painter, scene, self._place, self.size(), look)
            case MapLayer.ALARMS:
                paint_alarms(painter, scene, self._place)
            case MapLayer.INCIDENTS:
                paint_incidents(painter, scene, self._place, look["ink"])
            case _ if layer_id in scene.sheets.held:
                self._sheets.dark = scene.dark
                self._sheets.draw(painter, layer_id, *self._origin(), scene.centre.zoom, self.size())
            case _ if layer_id in scene.plugins:
                plugin = scene.plugins[layer_id]
                self._shapes.draw(painter, plugin, self._transform())
                self._draw_points(painter, layer_id)

    def _draw_line(self, painter: QPainter, name: str, colour: str, width: float, *, filled: str = "") -> None:
        left, top = self._origin()
        transform = QTransform().scale(self._scale(), self._scale()).translate(-left, -top)
        # Dashes say, as on the web map, that the cells are schematic.
        line = Qt.PenStyle.DashLine if name == "cells" else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(colour), width, line))
        painter.setBrush(QColor(filled) if filled else Qt.BrushStyle.NoBrush)
        painter.drawPath(transform.map(self._paths[name]))

    def _draw_towns(self, painter: QPainter, look: dict[str, str]) -> None:
        self._draw_line(painter, "cells", look["line"], 1.0)
        left, top = self._origin()
        scale = self._scale()
        if self._scene.centre.zoom >= 11:
            painter.setPen(QColor(look["ink"]))
            painter.setFont(QFont(self.font().family(), 9))
            taken: list[QRectF] = []
            for town in self._district.towns:
                x, y = to_fixed(town.lon, town.lat)
                at = QPointF((float(x) - left) * scale - 28, (float(y) - top) * scale)
                box = QRectF(painter.fontMetrics().boundingRect(town.name)).translated(at)
                # Of names that lie over each other none could be read.
                if not any(box.intersects(other) for other in taken):
                    taken.append(box)
                    painter.drawText(at, town.name)

    def _sight(self) -> Sight:
        left, top = self._origin()
        return Sight(left, top, self._scene.centre.zoom, self.size(), self._scene.dark)

    def _kinds(self, kind: str) -> KindLooks | None:
        layer, prefix = self._scene.point_layer(kind), PREFIXES.get(kind)
        if layer is None or prefix is None or not len(layer.kind):
            return None
        return kind_looks(self._scene.tree, layer, prefix, self._scene.centre.zoom)

    def _draw_points(self, painter: QPainter, kind: str) -> None:
        """Cameras, sensors, or a department's points."""
        scene, sight = self._scene, self._sight()
        layer = scene.point_layer(kind)
        assert layer is not None
        if kind in scene.plugins:
            spec = scene.plugins[kind].spec
            looks = class_looks(scene.dark, tuple((c.colour, c.shape) for c in spec.classes), spec.alerts)
        else:
            looks = sensor_looks(scene.dark) if kind == "sensor" else camera_looks(scene.dark)
        paint_points(painter, layer, looks, sight, self._kinds(kind), scene.chosen.index_of(kind))
        if kind in scene.plugins and sight.zoom >= scene.plugins[kind].spec.text_zoom:
            paint_texts(painter, layer, scene.plugins[kind].texts, sight)

    def _pick(self, at: QPointF) -> tuple[str, str]:
        """The nearest object within reach in the topmost layer that has one there."""
        scene, zoom = self._scene, self._scene.centre.zoom
        for drawn in reversed(scene.tree.drawn()):
            found = self._picked(drawn.id, at) if scene.tree.draws(drawn.id, zoom) else None
            if found is not None:
                return found
        return "", ""

    def _picked(self, layer_id: str, at: QPointF) -> tuple[str, str] | None:
        scene = self._scene
        if layer_id in (MapLayer.ALARMS, MapLayer.INCIDENTS):
            return mark_at(layer_id, scene, self._place, at)
        kind = _KINDS.get(layer_id, layer_id)
        holder = scene.fleet if kind == "vehicle" else scene.point_layer(kind)
        if holder is None:
            return None
        x, hidden = holder.x, scene.hidden_points(kind)
        if hidden is not None:
            x = np.where(hidden, np.uint32(NOWHERE), x)
        if isinstance(holder, PointLayer) and cell_at(holder, self._sight(), self._kinds(kind), at):
            return None
        found = self._nearest(x, holder.y, at)
        return None if found is None else (kind, holder.ids[found])

    def _cluster(self, at: QPointF) -> bool:
        """Whether a cluster lies under a pixel: below it no single object can be meant."""
        scene, sight = self._scene, self._sight()
        for drawn in scene.tree.drawn():
            kind = _KINDS.get(drawn.id, drawn.id)
            layer = scene.point_layer(kind) if scene.tree.draws(drawn.id, sight.zoom) else None
            if layer is not None and cell_at(layer, sight, self._kinds(kind), at):
                return True
        return False

    def _nearest(self, x: np.ndarray, y: np.ndarray, at: QPointF) -> int | None:
        if not len(x):
            return None
        px, py = self._place(x, y)
        far = np.where(x == NOWHERE, np.inf, np.hypot(px - at.x(), py - at.y()))
        best = int(far.argmin())
        return best if far[best] <= REACH_PX else None


def _path(lines: tuple[Line, ...]) -> QPainterPath:
    path = QPainterPath()
    for line in lines:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True)]))
    return path
