"""One map's tree of layers on the screen: the panel beside the map, and the toolbar that says the same."""

from datetime import datetime

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from controlroom.mapping.layer_tree import Change
from controlroom.mapping.scene import Scene
from widgets.layer_panel import LayerPanel
from widgets.layer_words import room_layers
from widgets.map_menu import tree_action
from widgets.map_toolbar import MapToolbar


class MapLayers(QObject):
    """Registers the room's own layers, and builds the panel when it is first wanted."""

    changed = Signal()
    """The officer wants something else of a layer, or opened or closed the panel."""
    closed = Signal()
    """The panel was closed from within: the keyboard goes back to the map."""
    menu_filled = Signal(QMenu, str)
    """menu, id: as LayerPanel tells it."""

    def __init__(self, scene: Scene, toolbar: MapToolbar, split: QSplitter, view: QWidget) -> None:
        super().__init__(view)
        self.panel: LayerPanel | None = None
        self._scene = scene
        self._toolbar = toolbar
        self._split = split
        self._view = view
        self._now: datetime | None = None
        self.register()
        scene.tree.watch(self._tree_changed)
        toolbar.tree_toggled.connect(self._show)
        view.addAction(tree_action(view, toolbar.tree.toggle))

    def register(self) -> None:
        """The room's layers, in the language as it is now."""
        for layer in room_layers():
            self._scene.tree.register(layer)

    def looked(self) -> None:
        """The map may be at another zoom level."""
        if self.panel is not None:
            self.panel.looked()

    def set_now(self, now: datetime, stale: bool) -> None:
        """The time of the room, by which ages are told, and whether no new data comes."""
        self._now = now
        if self.panel is not None and self.panel.isVisible():
            self.panel.set_now(now, stale)

    def _tree_changed(self, change: Change) -> None:
        if change is not Change.NEWS:
            for layer_id in self._toolbar.layers:
                self._toolbar.set_shown(layer_id, self._scene.tree.wish(layer_id).shown)
            self.changed.emit()

    def _show(self, shown: bool) -> None:
        if self.panel is None:
            if not shown:
                return
            self.panel = LayerPanel(self._scene.tree, self._zoom, self._view)
            self.panel.closed.connect(self._close)
            self.panel.menu_filled.connect(self.menu_filled)
            self._split.insertWidget(0, self.panel)
            self._split.setSizes([self.panel.sizeHint().width(), max(1, self._view.width())])
        self.panel.setVisible(shown)
        self.changed.emit()
        if shown and self._now is not None:
            self.panel.set_now(self._now, self._scene.stale)
        if shown and self._view.isActiveWindow():
            self.panel.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _close(self) -> None:
        self._toolbar.tree.setChecked(False)
        self.closed.emit()

    def _zoom(self) -> int:
        return self._scene.centre.zoom
