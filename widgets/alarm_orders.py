"""What an officer orders about chosen alarms beyond acknowledging: actions with keys, for any list of alarms."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from controlroom.domain.alarm import Alarm, AlarmState, AsideKind
from controlroom.i18n import _
from widgets.alarm_aside import AsideDialog
from widgets.tag_dialog import TagDialog


class AlarmOrders(QObject):
    """Puts its actions on a widget; `chosen` gives the alarms that they are about. Orders leave as signals."""

    unacknowledged = Signal(list)
    """list[str]: ids of acknowledged alarms that are to wait again."""
    reset = Signal(list)
    """list[str]: ids of latched alarms that are to be normal."""
    set_aside = Signal(list, object, int, str)
    """list[str], AsideKind, minutes (0 = without an end), reason."""
    brought_back = Signal(list, list)
    """list[str], list[str]: ids of shelved alarms, ids of suppressed ones and those out of service."""

    taken = Signal(list)
    """list[str]: ids of the alarms that the officer has now."""
    released = Signal(list)
    """list[str]: ids of the alarms that nobody is to have any more."""

    silence_wanted = Signal(object)
    """An Alarm whose like are to be silenced."""
    tagged = Signal(list, list, list)
    """list[str] of alarms, list[str] of tags to put on, list[str] of tags to take off."""

    def __init__(self, parent: QWidget, chosen: Callable[[], list[Alarm]]) -> None:
        super().__init__(parent)
        self._parent = parent
        self._chosen = chosen
        self.dialog: AsideDialog | None = None
        self.tags: TagDialog | None = None
        self.used_tags: Callable[[], Iterable[str]] = tuple
        """Tags that are in use, to be offered."""
        self.take_action = self._action(_("I have it"), "O", self._take)
        self.release_action = self._action(_("Give it back"), "Shift+O", self._release)
        self.unacknowledge_action = self._action(_("Take back the acknowledgement"), "U", self._unacknowledge)
        self.reset_action = self._action(_("Reset"), "R", self._reset)
        self.shelve_action = self._action(_("Shelve…"), "S", lambda: self._ask(AsideKind.SHELVED))
        self.suppress_action = self._action(_("Suppress by design…"), None, lambda: self._ask(AsideKind.SUPPRESSED))
        self.service_action = self._action(_("Take out of service…"), None, lambda: self._ask(AsideKind.OUT_OF_SERVICE))
        self.back_action = self._action(_("Bring back"), "Shift+S", self._bring_back)
        self.silence_action = self._action(_("Silence the like…"), "N", self._silence)
        self.tag_action = self._action(_("Tags…"), "T", self._tag)

    def _action(self, text: str, key: str | None, slot: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        if key is not None:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: slot())
        self._parent.addAction(action)
        return action

    @property
    def _actions(self) -> list[tuple[QAction, Callable[[Alarm], bool]]]:
        return [
            (self.take_action, lambda _alarm: True),
            (self.release_action, _is_owned),
            (self.unacknowledge_action, _can_unacknowledge),
            (self.reset_action, can_reset),
            (self.shelve_action, _can_shelve),
            (self.suppress_action, lambda alarm: _can_leave(alarm, AsideKind.SUPPRESSED)),
            (self.service_action, lambda alarm: _can_leave(alarm, AsideKind.OUT_OF_SERVICE)),
            (self.back_action, lambda alarm: alarm.aside is not None),
            (self.silence_action, lambda _alarm: True),
            (self.tag_action, lambda alarm: alarm.kept),
        ]

    def allow(self, allowed: bool) -> None:
        """Take orders, or none while the list is not of now."""
        for action, _fits in self._actions:
            action.setEnabled(allowed)

    def fitting(self) -> list[QAction]:
        """The actions that can do something with a chosen alarm, for a menu."""
        chosen = self._chosen()
        return [action for action, fits in self._actions if any(map(fits, chosen))]

    def _take(self) -> None:
        ids = [alarm.id for alarm in self._chosen()]
        if ids:
            self.taken.emit(ids)

    def _release(self) -> None:
        ids = [alarm.id for alarm in self._chosen() if _is_owned(alarm)]
        if ids:
            self.released.emit(ids)

    def _unacknowledge(self) -> None:
        ids = [alarm.id for alarm in self._chosen() if _can_unacknowledge(alarm)]
        if ids:
            self.unacknowledged.emit(ids)

    def _reset(self) -> None:
        ids = [alarm.id for alarm in self._chosen() if can_reset(alarm)]
        if ids:
            self.reset.emit(ids)

    def _ask(self, kind: AsideKind) -> None:
        fits = _can_shelve if kind is AsideKind.SHELVED else lambda alarm: _can_leave(alarm, kind)
        alarms = [alarm for alarm in self._chosen() if fits(alarm)]
        if not alarms:
            return
        ids = [alarm.id for alarm in alarms]
        self.dialog = AsideDialog(kind, alarms, self._parent)
        self.dialog.decided.connect(lambda minutes, reason: self.set_aside.emit(ids, kind, minutes, reason))
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def _silence(self) -> None:
        chosen = self._chosen()
        if chosen:
            self.silence_wanted.emit(chosen[0])

    def _tag(self) -> None:
        chosen = [alarm for alarm in self._chosen() if alarm.kept]
        if chosen:
            ids = [alarm.id for alarm in chosen]
            self.tags = TagDialog(chosen, self.used_tags(), self._parent)
            self.tags.decided.connect(lambda added, removed: self.tagged.emit(ids, added, removed))
            self.tags.finished.connect(self.tags.deleteLater)
            self.tags.open()

    def _bring_back(self) -> None:
        aside = [alarm for alarm in self._chosen() if alarm.aside is not None]
        shelved = [a.id for a in aside if a.aside is not None and a.aside.kind is AsideKind.SHELVED]
        if aside:
            self.brought_back.emit(shelved, [alarm.id for alarm in aside if alarm.id not in set(shelved)])


def _is_owned(alarm: Alarm) -> bool:
    return alarm.owner is not None


def _can_unacknowledge(alarm: Alarm) -> bool:
    return alarm.aside is None and alarm.state in (AlarmState.ACKNOWLEDGED, AlarmState.LATCHED)


def can_reset(alarm: Alarm) -> bool:
    """Whether an officer may reset it."""
    return alarm.aside is None and alarm.state is AlarmState.LATCHED


def _can_shelve(alarm: Alarm) -> bool:
    return alarm.aside is None or alarm.aside.kind is AsideKind.SHELVED


def _can_leave(alarm: Alarm, kind: AsideKind) -> bool:
    return alarm.aside is None or alarm.aside.kind is not kind
