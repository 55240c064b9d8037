"""The desk's own keys and the command bar over its windows."""

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from controlroom.handbook.pages import KeyLine
from controlroom.i18n import _, language
from controlroom.shell.actions import Actions, keys_of
from controlroom.shell.desk import Desk
from controlroom.shell.help_desk import HelpDesk, focus_topic, key_groups
from controlroom.shell.palette import Index, Provider
from layouts import words
from widgets.palette import CommandBar, Item

WORK_MS = 4
"""How long the pinyin of new items may hold up the GUI at a time."""


class DeskCommands(QObject):
    """Registers what the desk can do and opens the command bar in the window the officer works in.

    `index` is open to further providers (`index.add`); when their items have changed call `index.invalidate(kind)`.
    """

    def __init__(self, desk: Desk, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.index = Index()
        self.help = HelpDesk(self._key_groups, partial(desk.reveal, "alarms"), self)
        self._desk = desk
        self._actions = actions
        self._bars: dict[str, CommandBar] = {}
        self._work = QTimer(self, interval=0)
        self._work.timeout.connect(self._work_on)
        self._register()
        self.index.add(Provider("command", _("Command"), self._command_items, lambda item: actions.trigger(item.id)))
        self.index.add(Provider("layout", _("Layout"), self._layout_items, self._switch))
        self.index.add(Provider("help", _("Help"), self.help.items, lambda item: self.help.open(item.id)))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._bring_help)
        desk.strips.counted.connect(self.help.set_counts)
        desk.closed.connect(self.help.close)
        desk.strips.command_bar_asked.connect(self.open_bar)
        desk.opened.connect(self._forget_bars)
        desk.window_dropped.connect(self._forget_bar)

    def open_bar(self) -> None:
        """Show the command bar over the window in use."""
        window = self._desk.active()
        if window is None:
            return
        bar = self._bars.get(window.spec.id)
        if bar is None:
            bar = CommandBar(self.index.search, self.index.words, window)
            bar.chosen.connect(self._chosen)
            self._bars[window.spec.id] = bar
        self.index.invalidate("command", "layout")
        bar.open()
        self._work.start()

    def prepare(self) -> None:
        """Compute pinyin for new items while nothing else is to be done."""
        self._work.start()

    def _forget_bars(self, _layout: str) -> None:
        self._bars.clear()

    def _forget_bar(self, window: str) -> None:
        self._bars.pop(window, None)

    def _work_on(self) -> None:
        if self.index.work(WORK_MS / 1000):
            return
        self._work.stop()
        for bar in self._bars.values():
            bar.refresh()

    def _chosen(self, item: object) -> None:
        if isinstance(item, Item):
            self.index.choose(item)

    def _switch(self, item: Item) -> None:
        # After this turn: the bar that is asking belongs to a window of the layout that goes.
        QTimer.singleShot(0, self._desk, lambda: self._desk.open(item.id))

    def _register(self) -> None:
        add, desk, windows = self._actions.add, self._desk, _("Windows")
        add(
            "command_bar",
            _("Command bar"),
            self.open_bar,
            shortcuts=("Ctrl+K", "/"),
            help=_("Find anything, do anything"),
        )
        helped = add("help", _("Help on what has the keyboard"), self._show_help, shortcuts=("F1",))
        helped.setStatusTip(_("What it is, what its keys do, and what to do when it fails"))
        add("shortcuts", _("Keyboard"), self.help.open_keys, shortcuts=("Shift+F1",), help=_("What every key does"))
        add("next_panel", _("Next panel"), lambda: self._cycle(1), group=windows, shortcuts=("F6",))
        add("previous_panel", _("Previous panel"), lambda: self._cycle(-1), group=windows, shortcuts=("Shift+F6",))
        add("full_screen", _("Full screen"), self._full_screen, group=windows, shortcuts=("F11",))
        add(
            "next_screen",
            _("Window to the next screen"),
            self._next_screen,
            group=windows,
            shortcuts=("Shift+F11",),
        )
        add(
            "reset_layout",
            _("Reset the layout"),
            lambda: QTimer.singleShot(0, desk, desk.reset_layout),
            group=windows,
            help=_("Places, splits and columns as the layout describes them"),
        )
        for number in range(1, 10):
            add(
                f"window_{number}",
                _("Window {number}").format(number=number),
                partial(desk.activate, number),
                group=windows,
                shortcuts=(f"Ctrl+{number}",),
            )

    def _cycle(self, step: int) -> None:
        window = self._desk.active()
        if window is not None:
            window.cycle(step)

    def _full_screen(self) -> None:
        window = self._desk.active()
        if window is not None:
            window.toggle_full_screen()

    def _next_screen(self) -> None:
        window = self._desk.active()
        if window is not None:
            self._desk.send_on(window.spec.id)

    def _bring_help(self, _old: QWidget | None, new: QWidget | None) -> None:
        """A modal dialog keeps keys from the windows that have the action: it gets the action of help itself."""
        window = new.window() if new is not None else None
        if window is not None and window.isModal() and self._actions.get("help") not in window.actions():
            window.addAction(self._actions.get("help"))

    def _show_help(self) -> None:
        focus_topic(self.help, self._actions.get("help"))

    def _key_groups(self) -> dict[str, list[KeyLine]]:
        """Every key as it is now."""
        shown = [action for action in self._actions.all() if self._usable(action)]
        return key_groups(shown, self._panel_actions(), self._actions.modes)

    def _usable(self, action: QAction) -> bool:
        """Whether an action has something to act on: the windows that a layout lacks have not."""
        number = action.objectName().removeprefix("window_")
        return not number.isdigit() or self._desk.window(int(number)) is not None

    def _panel_actions(self) -> dict[str, list[QAction]]:
        """The keys that panels have of their own, by the panel's title."""
        found: dict[str, list[QAction]] = {}
        for window in self._desk.windows.values():
            for box in window.tree.boxes:
                held = [action for action in box.body.findChildren(QAction) if action.shortcuts()]
                if held and box.title.text() not in found:
                    found[box.title.text()] = held
        return found

    def _command_items(self) -> Iterator[Item]:
        for action in self._actions.all():
            if action.isEnabled() and self._usable(action):
                yield Item("command", action.objectName(), action.text(), keys_of(action), action.statusTip())

    def _layout_items(self) -> Iterator[Item]:
        for name in self._desk.presets.names():
            _used, preset, fault = self._desk.presets.load_or_fallback(name)
            if fault is None:
                yield Item("layout", name, words(preset.title, language()), name)
