"""The maps of a seat: the layout's, further windows of the officer's, and which of them goes where it is asked."""

from contextlib import suppress
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QInputDialog, QWidget

from controlroom.i18n import _
from controlroom.shell.actions import Actions
from controlroom.shell.desk import Desk
from controlroom.shell.memento import WindowMemento
from controlroom.wiring.map import MapWiring
from controlroom.wiring.seat import Seat
from layouts import Fill, Panel, Role, Window
from widgets.map_view import MapView

MOST_WINDOWS = 6
"""Each takes a renderer of its own, some 60 MB (`bench map`, extra_window_mb)."""

_PREFIX = "map-extra-"
_MOST_TITLE = 40


class MapDesk(QObject):
    """Builds maps and opens windows of them, which the desk keeps with its others."""

    def __init__(self, seat: Seat, desk: Desk, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seat = seat
        self._desk = desk
        self._maps: list[MapWiring] = []
        self._used: MapWiring | None = None
        self._closed: list[tuple[Window, WindowMemento]] = []
        desk.window_dropped.connect(self._dropped)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)
        group = _("Map")
        actions.add(
            "map_window",
            _("New map window"),
            self.open_window,
            group=group,
            shortcuts=("Ctrl+N",),
            help=_("A map with its own view, layers and title; it comes back with the seat until it is closed"),
        )
        actions.add(
            "map_window_name",
            _("Name this map window…"),
            self.ask_name,
            group=group,
            shortcuts=("Ctrl+Shift+N",),
        )
        actions.add(
            "map_window_reopen",
            _("Open the map window again that was closed last"),
            self.reopen,
            group=group,
            shortcuts=("Ctrl+Alt+N",),
        )

    def build(self) -> MapView:
        """A map for a panel."""
        wiring = MapWiring(self._seat, self._leads)
        view = wiring.view
        self._maps.append(wiring)
        view.destroyed.connect(partial(self._forget, wiring))
        view.touched.connect(partial(self._use, wiring))
        view.state_changed.connect(self._desk.remember_soon)
        view.window_asked.connect(self.open_window)
        return view

    def open_window(self) -> None:
        """One more window, which looks where the map in use looks; beyond MOST_WINDOWS it is told why not."""
        if len(self._mine()) >= MOST_WINDOWS:
            self._tell_most()
            return
        lead = self._lead()
        inside = {"map#0": lead.view.state()} if lead is not None else {}
        number = next(n for n in range(1, MOST_WINDOWS + 1) if f"{_PREFIX}{n}" not in self._desk.windows)
        title = _("Map {number}").format(number=number + 1)
        self._show(_window(f"{_PREFIX}{number}", title), WindowMemento(panels=inside))

    def reopen(self) -> None:
        """The window that was closed last, as it was."""
        if not self._closed:
            self._seat.requests.told.emit(_("No map window was closed."))
        elif len(self._mine()) >= MOST_WINDOWS:
            self._tell_most()
        else:
            spec, memento = self._closed.pop()
            free = next(n for n in range(1, MOST_WINDOWS + 1) if f"{_PREFIX}{n}" not in self._desk.windows)
            self._show(_window(f"{_PREFIX}{free}", str(spec.title)), memento)

    def ask_name(self) -> None:
        """Ask for another title of the map window in use."""
        window = self._desk.active()
        if window is None or window.spec.id not in self._mine():
            self._seat.requests.told.emit(_("Only a map window that you opened yourself can be named."))
            return
        dialog = QInputDialog(window)
        dialog.setWindowTitle(_("Name of the map window"))
        dialog.setLabelText(_("Title"))
        dialog.setTextValue(str(window.spec.title))
        dialog.textValueSelected.connect(partial(self.rename, window.spec.id))
        dialog.open()

    def rename(self, name: str, title: str) -> None:
        """Another title for a window that the officer opened; an empty one changes nothing."""
        title = " ".join(title.split())[:_MOST_TITLE]
        if title and name in self._desk.extras:
            self._desk.rename_window(name, title)

    def _show(self, spec: Window, memento: WindowMemento) -> None:
        window = self._desk.add_window(spec, memento)
        window.tree.boxes[0].rename(str(spec.title))
        window.raise_()
        window.activateWindow()

    def _mine(self) -> list[str]:
        return [name for name in self._desk.extras if name.startswith(_PREFIX)]

    def _tell_most(self) -> None:
        told = _("There are {count} map windows already; each takes memory of its own. Close one first.")
        self._seat.requests.told.emit(told.format(count=MOST_WINDOWS))

    def _dropped(self, name: str) -> None:
        if name in self._mine():
            self._closed = [*self._closed[1 - MOST_WINDOWS :], (self._desk.extras[name], self._desk.capture(name))]

    # ---------------------------------------------------------------- which map goes where it is asked

    def _leads(self, wiring: MapWiring) -> bool:
        """Whether a map is the one that shows what is asked for: the one in use, rather than one that keeps a view."""
        return self._lead() in (wiring, None)

    def _lead(self) -> MapWiring | None:
        seen = [one for one in self._maps if one.view.isVisible()] or self._maps
        free = [one for one in seen if not one.view.hold.keeps] or seen
        return self._used if self._used in free else next(iter(free), None)

    def _use(self, wiring: MapWiring) -> None:
        self._used = wiring

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        for wiring in self._maps:
            if new is not None and wiring.view.isAncestorOf(new):
                self._used = wiring

    def _forget(self, wiring: MapWiring, *_gone: object) -> None:
        with suppress(ValueError):
            self._maps.remove(wiring)
        if self._used is wiring:
            self._used = None


def _window(name: str, title: str) -> Window:
    return Window(id=name, role=Role.MAP, root=Panel(kind="map", title=title), title=title, fill=Fill.NORMAL)
