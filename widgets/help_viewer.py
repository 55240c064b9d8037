"""The handbook in a window of its own: contents or what was found on the left, the page on the right."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from controlroom.handbook.pages import Page, linked_topic
from controlroom.i18n import _
from widgets.alarm_counts import AlarmCounts
from widgets.help_paper import HelpPaper

_TOPIC = Qt.ItemDataRole.UserRole


class Hit(Protocol):
    """One section that a search found."""

    @property
    def topic(self) -> str:
        """Where it is."""

    @property
    def title(self) -> str:
        """Its heading."""

    @property
    def page(self) -> str:
        """The title of its page."""

    @property
    def snippet(self) -> str:
        """Some of its text."""


class HelpViewer(QWidget):
    """Fed by pages and a function that finds. It blocks nothing, and shows how many alarms wait meanwhile."""

    language_asked = Signal(str)
    """The pages are wanted in this language."""
    alarms_asked = Signal()
    """The officer wants to see the alarms that wait."""
    closed = Signal()

    def __init__(self, languages: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("helpViewer")
        self.setWindowTitle(_("Help"))
        self._pages: dict[str, Page] = {}
        self._find: Callable[[str], Sequence[Hit]] = lambda _text: ()
        self._past: list[str] = []
        self._coming: list[str] = []
        self.topic = ""
        self.search = QLineEdit()
        self.search.setObjectName("helpSearch")
        self.search.setPlaceholderText(_("Search help: words, pinyin, initials, keys (Ctrl+F)"))
        self.search.setAccessibleName(_("Search help"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.contents = QTreeWidget()
        self.contents.setAccessibleName(_("Table of contents"))
        self.contents.setHeaderHidden(True)
        self.contents.currentItemChanged.connect(self._picked)
        self.contents.itemActivated.connect(self._read)
        self.results = QListWidget()
        self.results.setAccessibleName(_("What was found"))
        self.results.setWordWrap(True)
        self.results.setSpacing(3)
        self.results.setAlternatingRowColors(True)
        self.results.currentItemChanged.connect(self._picked_result)
        self.results.itemActivated.connect(self._read)
        self.paper = HelpPaper()
        self.paper.setAccessibleName(_("Page of help"))
        self.paper.linked.connect(self._follow)
        self.counts = AlarmCounts()
        self.counts.setToolTip(_("Alarms that wait; F2 goes there"))
        self.counts.severity_chosen.connect(lambda _severity: self.alarms_asked.emit())
        self._side = QStackedWidget()
        self._build(languages)
        self._keep_buttons()

    def _build(self, languages: dict[str, str]) -> None:
        self.back = self._button("←", _("Back (Backspace)"), self.go_back)
        self.forward = self._button("→", _("Forward (Shift+Backspace)"), self.go_forward)
        self.languages = {
            code: self._button(name, name, partial(self.language_asked.emit, code)) for code, name in languages.items()
        }
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        for widget in (self.back, self.forward):
            row.addWidget(widget)
        row.addWidget(self.search, 1)
        for button in self.languages.values():
            button.setCheckable(True)
            row.addWidget(button)
        row.addWidget(self.counts)
        self._side.addWidget(self.contents)
        self._side.addWidget(self.results)
        self._side.setFocusProxy(self.contents)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._side)
        split.addWidget(self.paper)
        split.setStretchFactor(1, 1)
        split.setSizes([280, 720])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(split, 1)
        self.setTabOrder(self.search, self.contents)
        self.setTabOrder(self.contents, self.paper)
        self.resize(1040, 760)
        action = QAction(_("Search help"), self)
        action.setShortcut(QKeySequence("Ctrl+F"))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self._to_search)
        self.addAction(action)

    def set_book(self, language: str, pages: Sequence[Page], find: Callable[[str], Sequence[Hit]]) -> None:
        """Take pages in a language, in this order, and what finds in them; what was open is opened again."""
        for code, button in self.languages.items():
            button.setChecked(code == language)
        self._pages = {page.id: page for page in pages}
        self._find = find
        self.contents.blockSignals(True)
        self.contents.clear()
        for page in pages:
            item = QTreeWidgetItem(self.contents, [page.title])
            item.setData(0, _TOPIC, page.id)
            for section in page.sections[1:]:
                if section.level <= 2 and "#" in section.topic:
                    QTreeWidgetItem(item, [section.title]).setData(0, _TOPIC, section.topic)
        self.contents.blockSignals(False)
        if self.search.text():
            self._search(self.search.text())
        if self.topic:
            self._show(self.topic)

    def open(self, topic: str) -> None:
        """Show a topic; one that is not there shows its page, else the first page."""
        if self.topic and topic != self.topic:
            self._past.append(self.topic)
            self._coming.clear()
        self._show(topic)

    def go_back(self) -> None:
        """The topic that was shown before."""
        if self._past:
            self._coming.append(self.topic)
            self._show(self._past.pop())

    def go_forward(self) -> None:
        """The topic that was left by going back."""
        if self._coming:
            self._past.append(self.topic)
            self._show(self._coming.pop())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Backspace goes back, with Shift forward; Escape ends the search, then closes the window."""
        if event.key() == Qt.Key.Key_Backspace:
            (self.go_forward if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else self.go_back)()
        elif event.key() == Qt.Key.Key_Escape:
            if self.search.text():
                self.search.clear()
                self.contents.setFocus()
            else:
                self.close()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search line the arrows go into what was found, Enter opens the first of it."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._side.setFocus()
                if self._side.currentWidget() is self.results and self.results.currentRow() < 0:
                    self.results.setCurrentRow(0)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.results.count():
                self.results.setCurrentRow(max(self.results.currentRow(), 0))
                self.paper.setFocus()
                return True
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it went."""
        super().closeEvent(event)
        self.closed.emit()

    def _show(self, topic: str) -> None:
        name = topic.partition("#")[0]
        page = self._pages.get(name) or next(iter(self._pages.values()), None)
        if page is None:
            return
        self.topic = topic if page.id == name else page.id
        self.paper.show_page(page)
        self.paper.go_to(self.topic)
        self.setWindowTitle(_("Help: {page}").format(page=page.title))
        self._mark_contents(self.topic)
        self._keep_buttons()

    def _mark_contents(self, topic: str) -> None:
        self.contents.blockSignals(True)
        for place in range(self.contents.topLevelItemCount()):
            item = self.contents.topLevelItem(place)
            if item is None or item.data(0, _TOPIC) != topic.partition("#")[0]:
                if item is not None:
                    item.setExpanded(False)
                continue
            item.setExpanded(True)
            chosen = item
            for row in range(item.childCount()):
                child = item.child(row)
                if child is not None and child.data(0, _TOPIC) == topic:
                    chosen = child
            self.contents.setCurrentItem(chosen)
            self.contents.scrollToItem(chosen)
        self.contents.blockSignals(False)

    def _read(self) -> None:
        self.paper.setFocus()

    def _picked(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.open(str(item.data(0, _TOPIC)))

    def _picked_result(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.open(str(item.data(_TOPIC)))

    def _follow(self, target: str) -> None:
        self.open(linked_topic(target, self.topic.partition("#")[0]))

    def _search(self, text: str) -> None:
        self.results.blockSignals(True)
        self.results.clear()
        for hit in self._find(text):
            where = f" — {hit.page}" if hit.page != hit.title else ""
            item = QListWidgetItem(f"{hit.title}{where}\n{hit.snippet}", self.results)
            item.setData(_TOPIC, hit.topic)
        if text.strip() and not self.results.count():
            item = QListWidgetItem(_("Nothing of that name"), self.results)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.results.blockSignals(False)
        shown: QWidget = self.results if text.strip() else self.contents
        self._side.setCurrentWidget(shown)
        self._side.setFocusProxy(shown)
        self.paper.mark_words(text.split())

    def refresh(self) -> None:
        """Search again: more can be found now."""
        if self.search.text() and self.results.currentRow() < 0:
            self._search(self.search.text())

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _keep_buttons(self) -> None:
        self.back.setEnabled(bool(self._past))
        self.forward.setEnabled(bool(self._coming))

    def _button(self, text: str, tip: str, pressed: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda _checked=False: pressed())
        return button
