"""The base map of one map view: which one, how clearly, what the map says about it; chosen in the toolbar."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QWidget, QWidgetAction

from controlroom.i18n import _, _n, language
from controlroom.mapping.basemaps.tiles import BaseMap, Kind
from controlroom.mapping.basemaps.wmts import LAYER_SIGN, Condition
from controlroom.mapping.scene import Scene
from widgets.map_surface import Ask
from widgets.map_toolbar import MapToolbar
from widgets.menu_heading import add_heading

_FAINTEST_PERCENT = 10
_HOUR_S = 3600
_DAYS_FROM_H = 72


def condition_words(described: BaseMap, condition: Condition, now: datetime | None) -> str:
    """What the map says of a service that does not answer; empty where all is well."""
    if condition.reachable:
        return ""
    if condition.kept_at is None or now is None:
        return _("Base map not reachable: {reason}").format(reason=condition.reason)
    age_s = max(0.0, (now - condition.kept_at).total_seconds())
    if age_s < _HOUR_S:
        return _("Base map from the cache, less than 1 h old: {reason}").format(reason=condition.reason)
    hours = int(age_s // _HOUR_S)
    days = hours // 24
    age = _("{count} h").format(count=hours)
    if hours >= _DAYS_FROM_H:
        age = _n("{count} day", "{count} days", days).format(count=days)
    return _("Base map from the cache, {age} old: {reason}").format(age=age, reason=condition.reason)


def source_words(described: BaseMap) -> str:
    """What stands in the corner of the map: name, whose it is, from when."""
    parts = [described.name, described.attribution]
    if described.dated:
        parts.append(_("data of {date}").format(date=described.dated))
    return " · ".join(part for part in parts if part)


def detail_words(described: BaseMap) -> str:
    """What the chooser says of a base map beside its name."""
    kind = _("vector") if described.kind is Kind.VECTOR else _("raster")
    parts = [
        described.form,
        kind,
        _("zoom {first} to {last}").format(first=described.min_zoom, last=described.max_zoom),
        described.datum,
        _("data of {date}").format(date=described.dated) if described.dated else _("date unknown"),
        described.attribution or _("source unknown"),
    ]
    return " · ".join(part for part in parts if part)


class MapBase(QObject):
    """Keeps the choice of one view, also while the file is away, and feeds the scene with it.

    Without a choice the first base map there is shown; an empty choice is the drawing of the district alone.
    """

    chosen_changed = Signal()
    folder_wanted = Signal()
    """The officer wants to see where base maps are put."""
    files_wanted = Signal()
    """The officer wants to add base maps."""
    stop_wanted = Signal()
    """What is being copied is no longer wanted."""

    def __init__(self, scene: Scene, toolbar: MapToolbar, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene = scene
        self._maps: tuple[BaseMap, ...] = ()
        self._condition: Callable[[str], Condition] = lambda _identity: Condition()
        self._choice: str | None = None
        self._percent = 100
        self._now: datetime | None = None
        self._epoch = 0
        self._copying = ""
        self._ask: Ask | None = None
        self.pictures_only: Callable[[], bool] = lambda: False
        """Whether what draws now can draw pictures only."""
        self.button = QToolButton(parent)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.menu = QMenu(self.button)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.button.setMenu(self.menu)
        self.button.installEventFilter(self)
        toolbar.add_tool(self.button)
        self._retell()

    @property
    def shown(self) -> BaseMap | None:
        """The base map that is shown, if it is there."""
        usable = [one for one in self._maps if not one.fault]
        if self._choice is None:
            return usable[0] if usable else None
        return next((one for one in usable if one.id == self._choice), None)

    @property
    def opacity(self) -> float:
        """How clearly it is drawn, up to 1."""
        return self._percent / 100

    def set_tiles(self, ask: Ask) -> None:
        """Whom tiles are asked from."""
        self._ask = ask

    def tiles(self, version: int, z: int, x: int, y: int, then: Callable[[bytes | None], None]) -> object:
        """Asks for a tile of a base map, an Ask."""
        if self._ask is None:
            then(None)
            return None
        return self._ask(version, z, x, y, then)

    def set_maps(self, maps: Sequence[BaseMap], condition: Callable[[str], Condition]) -> None:
        """What there is, broken ones too, and who knows how services fare."""
        self._maps = tuple(maps)
        self._condition = condition
        self._retell()

    def set_condition(self, identity: str) -> None:
        """A service began or ceased to answer: its tiles are asked for again."""
        if self.shown is not None and self.shown.id.partition(LAYER_SIGN)[0] == identity:
            if self._condition(identity).reachable:
                self._epoch += 1
            self._retell()

    def set_now(self, now: datetime) -> None:
        """The (aware) time, by which the age of what stands in is told."""
        is_older = self._now is None or int(now.timestamp() // 60) != int(self._now.timestamp() // 60)
        self._now = now
        if is_older and self.shown is not None and not self._condition(self.shown.id).reachable:
            self._retell()

    def set_copying(self, words: str) -> None:
        """What is being copied and how far it is; empty when nothing is."""
        self._copying = words
        self._retell()

    def choose(self, identity: str) -> None:
        """A base map by its id; empty for none. It may come later."""
        self._choice = identity
        self._retell()
        self.chosen_changed.emit()

    def set_opacity(self, percent: int) -> None:
        """How clearly it is drawn, in percent."""
        self._percent = max(_FAINTEST_PERCENT, min(100, percent))
        self._retell()
        self.chosen_changed.emit()

    def state(self) -> dict[str, Any]:
        """What this view should find again."""
        return {"choice": self._choice, "opacity": self._percent}

    def restore(self, state: object) -> None:
        """Takes up what `state` gave; what does not fit is left out."""
        if not isinstance(state, dict):
            return
        choice, percent = state.get("choice"), state.get("opacity")
        self._choice = choice if isinstance(choice, str) else None
        if isinstance(percent, int):
            self._percent = max(_FAINTEST_PERCENT, min(100, percent))
        self._retell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self._retell()
        return super().eventFilter(watched, event)

    # ------------------------------------------------------------ inside

    def _retell(self) -> None:
        held, note = self.shown, self._note()
        is_bare = held is not None and self._condition(held.id).reachable
        spec = None
        if held is not None:
            spec = {
                "version": held.version,
                "epoch": self._epoch,
                "kind": str(held.kind),
                "minZoom": held.min_zoom,
                "maxZoom": held.max_zoom,
                "bounds": held.bounds,
                "layers": held.layers,
                "opacity": self.opacity,
                "language": language(),
                # Where tiles may be missing the district's own roads stay.
                "bare": is_bare,
            }
        self._scene.set_base(spec, source_words(held) if held is not None else "", note)
        title = held.name if held is not None else _("none")
        self.button.setText(self._copying or _("Base map: {name}").format(name=_shortened(title)))
        self.button.setAccessibleName(_("Base map: {name}").format(name=title))
        told = detail_words(held) if held is not None else _("The district's own drawing, without a base map")
        self.button.setToolTip("\n".join(part for part in (told, note) if part))

    def _note(self) -> str:
        held = self.shown
        if held is not None and held.kind is Kind.VECTOR and self.pictures_only():
            return _("The simple map draws no vector tiles: choose a raster base map.")
        if held is not None:
            return condition_words(held, self._condition(held.id), self._now)
        broken = next((one for one in self._maps if one.id == self._choice), None)
        if broken is not None:
            return broken.fault
        if self._choice:
            return _("The chosen base map {name} is not there.").format(name=self._choice)
        return ""

    def _fill(self) -> None:
        """The menu anew: each base map with what it is, broken ones with what is wrong."""
        self.menu.clear()
        group = QActionGroup(self.menu)
        self._offer(group, _("None: the district's own drawing"), "", self.shown is None and not self._choice)
        for one in self._maps:
            if not one.fault:
                action = self._offer(group, one.name, one.id, one is self.shown)
                action.setToolTip(detail_words(one))
                self._plain("    " + detail_words(one))
        broken = [one for one in self._maps if one.fault]
        if broken:
            add_heading(self.menu, _("Cannot be shown"))
            for one in broken:
                self._plain(one.fault)
        self.menu.addSeparator()
        self.menu.addAction(self._opacity_row())
        self.menu.addSeparator()
        self.menu.addAction(_("Add base maps…"), self.files_wanted.emit)
        self.menu.addAction(_("Open the folder of base maps"), self.folder_wanted.emit)
        if self._copying:
            self.menu.addAction(_("Stop copying"), self.stop_wanted.emit)

    def _offer(self, group: QActionGroup, title: str, identity: str, is_chosen: bool) -> QAction:
        action = self.menu.addAction(title.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(is_chosen)
        action.setData(identity)
        action.triggered.connect(self._picked)
        group.addAction(action)
        return action

    def _plain(self, text: str) -> None:
        """A line that cannot be chosen."""
        metrics = self.menu.fontMetrics()
        line = metrics.elidedText(text, Qt.TextElideMode.ElideRight, metrics.averageCharWidth() * 90)
        action = self.menu.addAction(line.replace("&", "&&"))
        action.setToolTip(text)
        action.setEnabled(False)

    def _picked(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.choose(str(action.data()))

    def _opacity_row(self) -> QWidgetAction:
        row = QWidget(self.menu)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(28, 4, 12, 4)
        slider = QSlider(Qt.Orientation.Horizontal, row)
        slider.setRange(_FAINTEST_PERCENT, 100)
        slider.setSingleStep(5)
        slider.setValue(self._percent)
        slider.setAccessibleName(_("Opacity of the base map"))
        slider.valueChanged.connect(self.set_opacity)
        layout.addWidget(QLabel(_("Opacity"), row))
        layout.addWidget(slider, 1)
        action = QWidgetAction(self.menu)
        action.setDefaultWidget(row)
        return action


def _shortened(title: str, most: int = 14) -> str:
    return title if len(title) <= most else title[: most - 1] + "…"
