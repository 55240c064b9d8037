"""What an officer can do with a map's view, trails and what is chosen: each has a key and a line in a menu."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from controlroom.i18n import _
from controlroom.mapping.trail_feed import LENGTHS_MIN, TrailMode
from controlroom.mapping.viewpoint import ViewRule
from widgets.map_hold import MapHold


class Viewed(Protocol):
    """What the keys act on: a MapView."""

    hold: MapHold

    @property
    def trail_mode(self) -> TrailMode:
        """Whose trails are drawn."""

    @property
    def trail_minutes(self) -> int:
        """How long they are."""

    def follow_selected(self) -> None:
        """Keep what is selected in the middle."""

    def choose_shown(self) -> None:
        """Choose everything that the map shows."""

    def draw_polygon(self) -> None:
        """Let the officer draw what is to be chosen."""

    def open_menu(self) -> None:
        """The menu of the middle."""

    def ask_window(self) -> None:
        """Open one more map window."""

    def fit_incident(self) -> None:
        """Fit the incident that is chosen in the room."""

    def set_trails(self, mode: TrailMode, minutes: int) -> None:
        """Whose trails, and how long."""


class MapKeys:
    """The actions of one map. `widget` is the same object as `view`; it hears the keys while it has the keyboard."""

    def __init__(self, view: Viewed, widget: QWidget) -> None:
        self._view = view
        self._widget = widget
        hold = view.hold
        self.choosing = (
            self._action(_("Choose all that the map shows"), "B", view.choose_shown),
            self._action(_("Choose by a drawn polygon"), "P", view.draw_polygon),
        )
        self.keeping = (
            self._action(_("Follow what is chosen"), "F", view.follow_selected),
            self._action(_("Fit all standing alarms"), "Shift+A", partial(hold.fit, ViewRule.ALARMS)),
            self._action(_("Fit the chosen incident"), "Shift+I", view.fit_incident),
            self._action(_("Lock the view, or let it go on"), "K", hold.toggle_lock),
            self._action(_("End following and fitting"), "Shift+F", hold.free),
        )
        self.trails = self._action(_("Trails: all, the chosen vehicle's, none"), "T", self._next_trails)
        self._action(_("What can be done in the middle of the map"), "Menu", view.open_menu, "Shift+F10")

    def fill(self, menu: QMenu) -> None:
        """The view's part of a menu."""
        menu.addActions(self.keeping)
        trails = menu.addMenu(_("Trails"))
        self.fill_trails(trails)
        menu.addSeparator()
        menu.addActions(self.choosing)
        menu.addSeparator()
        menu.addAction(_("New map window"), self._view.ask_window)

    def fill_trails(self, menu: QMenu) -> None:
        """Whose trails, and how long."""
        view = self._view
        for mode, words in (
            (TrailMode.ALL, _("All vehicles")),
            (TrailMode.CHOSEN, _("The chosen vehicle only")),
            (TrailMode.OFF, _("None")),
        ):
            action = menu.addAction(words, partial(view.set_trails, mode, view.trail_minutes))
            action.setCheckable(True)
            action.setChecked(view.trail_mode is mode)
        menu.addSeparator()
        for minutes in LENGTHS_MIN:
            words = _("Last {count} minutes").format(count=minutes)
            action = menu.addAction(words, partial(view.set_trails, view.trail_mode, minutes))
            action.setCheckable(True)
            action.setChecked(view.trail_minutes == minutes)
        menu.addSeparator()
        menu.addAction(self.trails)

    def button(self, parent: QWidget) -> QToolButton:
        """A button with the same menu, for the mouse."""
        button = QToolButton(parent)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(button)
        menu.aboutToShow.connect(partial(self._refill, menu))
        button.setMenu(menu)
        return button

    def _refill(self, menu: QMenu) -> None:
        menu.clear()
        self.fill(menu)

    def _next_trails(self) -> None:
        order = list(TrailMode)
        held = self._view.trail_mode
        self._view.set_trails(order[(order.index(held) - 1) % len(order)], self._view.trail_minutes)

    def _action(self, words: str, key: str, done: Callable[[], object], other: str = "") -> QAction:
        action = QAction(words, self._widget)
        action.setShortcuts([QKeySequence(one) for one in (key, other) if one])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(lambda _checked=False: done())
        self._widget.addAction(action)
        return action
