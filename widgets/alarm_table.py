"""The alarm list of the duty desk: current, unacknowledged and past alarms, and what an officer does with them."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.models.alarm_index import AlarmFilter
from controlroom.bridge.models.alarm_model import AlarmModel, PastAlarm
from controlroom.bridge.wording import age_text, clock_text
from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.i18n import _, _n
from widgets.alarm_held_back import HeldBackButton
from widgets.alarm_orders import AlarmOrders
from widgets.alarm_page import AlarmPage
from widgets.alarm_past import AlarmPast
from widgets.alarm_plain import AlarmPlain
from widgets.alarm_rows import AlarmRows
from widgets.alarm_tabs import AlarmTabs
from widgets.banner import Banner
from widgets.question import asked
from widgets.severity import is_dark, severity_pixmap, severity_word

Past = Callable[[int, int], Awaitable[list[PastAlarm]]]
"""Earlier transitions: before this sequence number (0 = the newest), at most so many; newest first."""
Spawn = Callable[[Coroutine[Any, Any, None], str], object]
Confirm = Callable[[QWidget, str, str], bool]
"""Whether the officer wants it: the parent, the question, the word on the button that does it."""
_MOST_IN_INCIDENT = 1000


class AlarmTable(QWidget):
    """Tabs, filters and rows over an AlarmModel that somebody else feeds; commands leave as signals."""

    acknowledged = Signal(list)
    """list[str]: ids of the waiting alarms that the officer took note of."""
    incident_wanted = Signal(list)
    """list[str]: ids of the alarms that an incident is to be opened from."""
    map_wanted = Signal(str)
    """The id of the alarm to select on the map."""
    wall_wanted = Signal(str)
    """The id of the alarm whose cameras go to the wall."""
    suppressions_wanted = Signal()
    """The officer wants to see all that keeps alarms from calling."""
    chosen = Signal(object)
    """The Alarm under the keyboard, or None."""
    then_chosen = Signal(object)
    """An Alarm of the history under the keyboard, as it was after the transition."""

    def __init__(
        self,
        model: AlarmModel,
        past: Past | None = None,
        spawn: Spawn | None = None,
        confirm: Confirm = asked,
        zone: tzinfo | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self._confirm = confirm
        self._zone = zone
        self._stale_since: datetime | None = None
        self._past = False
        self._of_now: list[QWidget] = []
        self._is_handed: Callable[[Alarm], bool] | None = None
        self.rows = AlarmRows(model)
        self.rows.setObjectName("alarmRows")
        self.past = (
            AlarmPast(past, spawn, zone, model.now, names=model.names)
            if past is not None and spawn is not None
            else None
        )
        self._tabs = AlarmTabs(self.past is not None)
        self._page: AlarmPage | None = None
        self._plain: AlarmPlain | None = None
        self._is_plain = False
        self._text = QLineEdit()
        self._severities = {severity: QToolButton() for severity in Severity}
        self._stale = Banner("stale")
        self._refused = Banner("refused")
        self._summary = QLabel()
        self.held_back = HeldBackButton()
        self._pages = QStackedWidget()
        self._build()
        self._build_actions()
        self._connect()
        self._show_counts()
        self._filter()

    def _build(self) -> None:
        self._text.setPlaceholderText(_("Filter: title, place, source, #tag (Ctrl+F)"))
        self._text.setClearButtonEnabled(True)
        self._text.setMinimumWidth(90)
        self._text.setMaximumWidth(300)
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 4, 6, 4)
        bar.addWidget(self._tabs)
        bar.addStretch(1)
        for severity, button in self._severities.items():
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setToolTip(_("Only {severity}").format(severity=severity_word(severity)))
            button.setAccessibleName(severity_word(severity))
            bar.addWidget(button)
        bar.addWidget(self._text, 2)
        self._pages.addWidget(self.rows)
        if self.past is not None:
            self._pages.addWidget(self.past)
        self._summary.setContentsMargins(8, 2, 8, 4)
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(0, 0, 0, 0)
        self._foot.addWidget(self._summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._stale)
        column.addWidget(self._refused)
        column.addWidget(self._pages, 1)
        self._foot.setContentsMargins(0, 0, 6, 2)
        self._foot.addWidget(self.held_back)
        self.held_back.clicked.connect(self.suppressions_wanted)
        column.addLayout(self._foot)
        self._lines = column
        self.setFocusProxy(self.rows)

    def _build_actions(self) -> None:
        self.acknowledge_action = self._action(_("Acknowledge"), "A", self.acknowledge_selected)
        self.acknowledge_all_action = self._action(_("Acknowledge all listed…"), "Shift+A", self.acknowledge_listed)
        self.incident_action = self._action(_("Open an incident"), "I", self._want_incident)
        self.map_action = self._action(_("Show on the map"), None, self._want_map)
        self.wall_action = self._action(_("Cameras to the wall"), "W", self._want_wall)
        self.orders = AlarmOrders(self, lambda: [a for a in map(self.model.of, self.keys()) if a is not None])
        self._action(_("Filter"), "Ctrl+F", self._focus_filter)
        self._action(_("Plain table for screen readers, or the painted one"), "Ctrl+Shift+P", self._toggle_plain)
        self.more_actions: list[QAction] = []
        """What others put into the menu of alarms."""

    def _action(self, text: str, key: str | None, slot: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        if key is not None:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: slot())
        self.addAction(action)
        return action

    def _connect(self) -> None:
        self._tabs.currentChanged.connect(self._show_tab)
        self._text.textChanged.connect(self._filter)
        self._text.returnPressed.connect(self.rows.setFocus)
        for button in self._severities.values():
            button.toggled.connect(self._filter)
        self.rows.activated_key.connect(self.map_wanted)
        self.rows.current_changed.connect(self._tell_chosen)
        self.rows.selected.connect(self._show_summary)
        if self.past is not None:
            self.past.rows.current_changed.connect(self._tell_past)
            self.past.rows.activated_key.connect(self._want_past_map)
        self.rows.customContextMenuRequested.connect(self._menu_at)
        self.model.counted.connect(self._show_counts)
        self.model.counted.connect(self._show_summary)
        self.model.layoutChanged.connect(self._show_summary)
        self.model.modelReset.connect(self._show_summary)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: paint the symbols of the buttons anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._summary.text():
            self._show_counts()

    # ---------------------------------------------------------------- what others call

    def add_line(self, line: QWidget) -> None:
        """Put a line between the filters and the rows."""
        self._lines.insertWidget(self._lines.indexOf(self._pages), line)

    def add_foot(self, foot: QWidget) -> None:
        """Put something of now to the right of the summary; out of sight only while the list is of an earlier time."""
        self._foot.addWidget(foot)
        self._of_now.append(foot)
        foot.setVisible(not self._past)

    def put_in_place(self, page: AlarmPage | None) -> None:
        """Show a page in place of the rows of the current and the unacknowledged alarms, or the rows again."""
        if page is not None and self._pages.indexOf(page) < 0:
            self._pages.addWidget(page)
        shown = self._pages.currentWidget()
        had_focus = shown is not None and shown.isAncestorOf(self.focusWidget() or self)
        self._page = page
        self._show_page()
        if had_focus:
            (self._shown_page or self.rows).setFocus()
        self._show_summary()

    def set_plain(self, plain: bool) -> None:
        """List alarms in a plain table, which screen readers read, or in the painted one."""
        if plain and self._plain is None:
            self._plain = AlarmPlain(self.model)
            self._plain.chosen.connect(self.chosen)
            self._plain.activated_key.connect(self.map_wanted)
            self._plain.menu_wanted.connect(self.show_menu)
            self._pages.addWidget(self._plain)
        self._is_plain = plain
        self._show_page()
        if plain and self._plain is not None:
            self._plain.choose(self.rows.current_key())
            self._plain.setFocus()

    def _toggle_plain(self) -> None:
        self.set_plain(not self._is_plain)

    def keys(self) -> list[str]:
        """The ids of the alarms that commands are about now."""
        page = self._shown_page
        return self.rows.keys() if page is None else page.keys()

    def current_key(self) -> str | None:
        """The id of the alarm under the keyboard."""
        page = self._shown_page
        return self.rows.current_key() if page is None else page.current_key()

    def route(self, is_handed: Callable[[Alarm], bool] | None) -> None:
        """What tells whether another seat has an alarm from this one."""
        self._is_handed = is_handed
        self.model.route(None if self._past else is_handed)
        self._show_summary()

    def select(self, alarm: str) -> None:
        """Select an alarm by its id, and leave filters that hide it."""
        if self._on_history or (self.model.row(alarm) < 0 and self.model.holds(alarm)):
            self._tabs.show_home_of(self.model.of(alarm))
            self._clear_filter()
        self.rows.choose(alarm)
        if (page := self._shown_page) is not None:
            page.choose(alarm)

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self.model.tick(now)
        self.rows.tick()
        if self.past is not None:
            self.past.tick(now)
        if self._stale_since is not None:
            self._show_stale()

    def set_stale(self, stale: bool, since: datetime | None = None) -> None:
        """Say that the list is not of now but of `since`, and take no commands until it is again."""
        self._stale_since = since if stale else None
        self.setProperty("stale", stale)
        self.rows.set_veiled(stale or self._past)
        self._allow()
        if not stale:
            self._stale.hush()
        elif since is None:
            self._stale.say(_("Not connected to the hub; nothing was heard yet"))
        else:
            self._show_stale()
        self._show_summary()

    def add_header(self, header: QWidget) -> None:
        """Put a widget of somebody else above everything."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, header)

    def set_held_back(self, count: int) -> None:
        """How many alarms are kept from calling, silences included; always seen here."""
        self.held_back.show_count(count)

    def set_past(self, past: bool) -> None:
        """Say that the list is of an earlier time; it is veiled and takes no commands until it is of now again."""
        self._past = past
        self.held_back.set_past(past)
        for widget in self._of_now:
            widget.setVisible(not past)
        self.model.route(None if past else self._is_handed)
        self.rows.set_veiled(past or bool(self.property("stale")))
        self._show_page()
        self._allow()

    def show_refusal(self, sentence: str) -> None:
        """Say why a command was refused, until the officer closes it or the next command goes out."""
        self._refused.say(sentence)

    def _allow(self) -> None:
        live = not self.property("stale") and not self._past and not self._on_history
        actions = (self.acknowledge_action, self.acknowledge_all_action, self.incident_action, self.wall_action)
        for action in actions:
            action.setEnabled(live)
        self.orders.allow(live)

    # ---------------------------------------------------------------- commands

    def acknowledge_selected(self) -> None:
        """Take note of the selected alarms that nobody has acknowledged, muted ones too."""
        held = ((key, self.model.of(key)) for key in self.keys())  # no mapping: the selected keys
        self._acknowledge([key for key, alarm in held if alarm is not None and alarm.unseen])

    def acknowledge_listed(self) -> None:
        """Take note of every listed alarm that waits, after a question that names how many."""
        listed = [self.model.key(row) for row in range(self.model.rowCount())]
        waiting = self._waiting(listed)
        if not waiting:
            return
        question = _("Acknowledge all {count} listed alarms that wait?").format(count=len(waiting))
        deed = _n("Acknowledge {count}", "Acknowledge {count}", len(waiting)).format(count=len(waiting))
        if self._confirm(self, question, deed):
            self._acknowledge(self._waiting(waiting))

    def _waiting(self, keys: list[str]) -> list[str]:
        held = ((key, self.model.of(key)) for key in keys)
        return [key for key, alarm in held if alarm is not None and alarm.waiting]

    def _acknowledge(self, keys: list[str]) -> None:
        if keys:
            self._refused.hush()
            self.acknowledged.emit(keys)

    def _want_incident(self) -> None:
        keys = self.keys()
        if len(keys) > _MOST_IN_INCIDENT:
            self.show_refusal(_("An incident takes {count} alarms at most.").format(count=_MOST_IN_INCIDENT))
        elif keys:
            self._refused.hush()
            self.incident_wanted.emit(keys)

    def _want_map(self) -> None:
        if (key := self.current_key()) is not None:
            self.map_wanted.emit(key)

    def _want_wall(self) -> None:
        if (key := self.current_key()) is not None:
            self.wall_wanted.emit(key)

    # ---------------------------------------------------------------- what it shows

    def _tell_chosen(self, key: str | None) -> None:
        self.chosen.emit(None if key is None else self.model.of(key))

    def _tell_past(self, key: str | None) -> None:
        if self.past is not None:
            alarm = None if key is None else self.past.model.of(key)
            self.chosen.emit(alarm)
            if alarm is not None:
                self.then_chosen.emit(alarm)

    def _want_past_map(self, key: str) -> None:
        if self.past is not None and (alarm := self.past.model.of(key)) is not None:
            self.map_wanted.emit(alarm.id)

    def _focus_filter(self) -> None:
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._text.selectAll()

    def _clear_filter(self) -> None:
        self._text.clear()
        for button in self._severities.values():
            button.setChecked(False)

    def _filter(self) -> None:
        chosen = frozenset(severity for severity, button in self._severities.items() if button.isChecked())
        self.model.set_filter(self._tabs.filter(chosen, self._text.text()))
        if self.past is not None:
            self.past.model.set_filter(AlarmFilter(False, chosen, self._text.text()))
        self._show_summary()

    def _show_tab(self) -> None:
        self._show_page()
        self.rows.columns.show_aside(self._tabs.on_aside)
        self._allow()
        if self._tabs.on_history and self.past is not None:
            self.past.refresh()
        self._filter()

    @property
    def _on_history(self) -> bool:
        return self._tabs.on_history

    @property
    def _shown_page(self) -> AlarmPage | None:
        page = self._pages.currentWidget()
        return page if isinstance(page, AlarmPage) else None

    def _show_page(self) -> None:
        if self._on_history and self.past is not None:
            self._pages.setCurrentWidget(self.past)
        elif self._page is not None and not self._past and self._tabs.groups:
            self._pages.setCurrentWidget(self._page)
        elif self._is_plain and self._plain is not None:
            self._pages.setCurrentWidget(self._plain)
        else:
            self._pages.setCurrentWidget(self.rows)

    def _show_stale(self) -> None:
        if self._stale_since is not None:
            age = age_text((self.model.now - self._stale_since).total_seconds())
            time = clock_text(self._stale_since, self._zone)
            self._stale.say(_("Link to the hub lost {age}; below is the state of {time}").format(age=age, time=time))

    def _show_counts(self) -> None:
        dark = is_dark(self.palette())
        for severity, button in self._severities.items():
            button.setText(str(self.model.counts[severity]))
            button.setIcon(QIcon(severity_pixmap(severity, 16, dark=dark, ratio=self.devicePixelRatioF())))

    def _show_summary(self) -> None:
        aside = self.model.aside
        self._tabs.show_counts(aside, self.model.handed_count)
        listed, total = self.model.rowCount(), self._tabs.total(aside, self.model.total)
        waiting = sum(self.model.counts.values())
        parts = [_("{count} alarms").format(count=total), _("{count} unacknowledged").format(count=waiting)]
        if listed != total:
            parts.append(_("{count} listed").format(count=listed))
        if self.rows.count > 1:
            parts.append(_("{count} selected").format(count=self.rows.count))
        self._summary.setText(" · ".join(parts))
        self.rows.set_empty_text(self._tabs.empty_text(total, waiting))

    def _menu_at(self, at: QPoint) -> None:
        self.show_menu(self.rows.viewport().mapToGlobal(at))

    def show_menu(self, at: QPoint) -> None:
        """The menu of what can be done with the chosen alarms, at a point of the screen."""
        if not self.keys():
            return
        menu = QMenu(self)
        menu.addActions([self.acknowledge_action, self.acknowledge_all_action])
        menu.addSeparator()
        menu.addActions(self.orders.fitting())
        menu.addSeparator()
        menu.addActions([self.incident_action, self.map_action, self.wall_action])
        menu.addActions(self.more_actions)
        menu.popup(at)
        menu.aboutToHide.connect(menu.deleteLater)
