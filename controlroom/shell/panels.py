"""A layout's tree made of widgets: splits, tabs and titled panels; a panel that cannot be built becomes a card."""

import base64
import binascii
import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QSplitter,
    QTableView,
    QTabWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.shell.memento import Keeps
from controlroom.shell.titles import panel_title
from layouts import Node, Orientation, Panel, Split, Tabs, words
from widgets.card import Card
from widgets.look import mark

PanelFactory = Callable[[str, dict[str, Any]], QWidget]
"""Builds the panel of a kind with the options of the layout; its windowTitle is the panel's title."""

_log = logging.getLogger(__name__)


class PanelBox(QFrame):
    """A panel under its title. Restarting builds it anew.

    The body hears that it is to go by its closeEvent: what runs for it (decoders, timers) ends there.
    """

    titled = Signal(str)

    def __init__(self, panel: Panel, name: str, factory: PanelFactory, language: str) -> None:
        super().__init__()
        self.panel = panel
        self.name = name
        self.body: QWidget = QWidget()
        self._factory = factory
        self._fixed_title = words(panel.title, language)
        self.title = QLabel()
        self.title.setObjectName("panelTitle")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.title)
        self._column.addWidget(self.body, 1)
        self.build()

    def build(self) -> None:
        """Ask the factory for the panel. Whatever it raises is shown on a card with a restart button."""
        try:
            body = self._factory(self.panel.kind, dict(self.panel.options))
        except EnvironmentFault as fault:
            body = self._card(fault.sentence, "")
        except Exception as fault:  # noqa: BLE001 - the border of panels: one that fails must not take the room with it
            _log.error("the panel %s cannot be built", self.panel.kind, exc_info=fault)
            sentence = _("This panel could not be built: {reason}. The others go on.").format(reason=fault)
            body = self._card(sentence, traceback.format_exc())
        self._put(body)

    def put_card(self, sentence: str, details: str) -> None:
        """Show a card in place of a panel that failed after it was built."""
        self._put(self._card(sentence, details))

    def _put(self, body: QWidget) -> None:
        self._column.replaceWidget(self.body, body)
        self.body.close()
        self.body.deleteLater()
        self.body = body
        self._column.setStretchFactor(body, 1)
        body.show()
        body.windowTitleChanged.connect(self._set_title)
        self._set_title(body.windowTitle())

    def put_above(self, widget: QWidget) -> None:
        """Put a line between the title and the panel; it stays when the panel is built anew."""
        self._column.insertWidget(1, widget)

    def rename(self, title: str) -> None:
        """Take a fixed title; an empty one leaves it to the panel."""
        self._fixed_title = title
        self._set_title(self.body.windowTitle())

    def mark_past(self, past: bool) -> None:
        """Show in the title that the panel does not show the present."""
        mark(self.title, past=past)

    def take_focus(self) -> None:
        """Give the keyboard to the first widget of the panel that wants it."""
        candidates = [self.body, *self.body.findChildren(QWidget)]
        for widget in candidates:
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(self) and widget.isEnabled():
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                return
        self.setFocus(Qt.FocusReason.TabFocusReason)

    def state(self) -> dict[str, Any]:
        """What the panel wants to find again: its own state, or the columns of its named tables."""
        if isinstance(self.body, Keeps):
            return self.body.state()
        return {
            view.objectName(): base64.b64encode(header.saveState().data()).decode("ascii")
            for view, header in _headers(self.body)
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Give the panel back what it had; what does not fit is left out."""
        if not state:
            return
        if isinstance(self.body, Keeps):
            self.body.restore(state)
            return
        for view, header in _headers(self.body):
            with suppress(binascii.Error, ValueError):
                header.restoreState(QByteArray(base64.b64decode(str(state.get(view.objectName(), "")), validate=True)))

    def _card(self, sentence: str, details: str) -> QWidget:
        card = Card(panel_title(self.panel.kind), sentence, details)
        card.restarted.connect(self.build)
        return card

    def _set_title(self, title: str) -> None:
        self.title.setText(self._fixed_title or title or panel_title(self.panel.kind))
        self.titled.emit(self.title.text())


class PanelTree:
    """The widgets of one window. `root` is to be put into it; `boxes` are its panels in reading order."""

    def __init__(self, node: Node, factory: PanelFactory, language: str) -> None:
        self.boxes: list[PanelBox] = []
        self._factory = factory
        self._language = language
        self._splits: dict[str, tuple[QSplitter, list[int]]] = {}
        self._tabs: dict[str, QTabWidget] = {}
        self.root = self._build(node, "0")

    def spread(self, sizes: dict[str, list[int]]) -> None:
        """Give every split its remembered sizes, or those of the layout."""
        for path, (splitter, shares) in self._splits.items():
            kept = sizes.get(path, [])
            fits = len(kept) == splitter.count() and sum(kept) > 0 and min(kept) >= 0
            splitter.setSizes(kept if fits else [share * 100 for share in shares])

    def splitters(self) -> list[QSplitter]:
        """Every split, to be listened to."""
        return [splitter for splitter, _shares in self._splits.values()]

    def splits(self) -> dict[str, list[int]]:
        """The sizes of every split that has been laid out."""
        return {path: splitter.sizes() for path, (splitter, _shares) in self._splits.items() if sum(splitter.sizes())}

    def tabs(self) -> dict[str, int]:
        """Which tab is in front."""
        return {path: tabs.currentIndex() for path, tabs in self._tabs.items()}

    def select(self, chosen: dict[str, int]) -> None:
        """Bring remembered tabs to the front."""
        for path, index in chosen.items():
            if path in self._tabs and 0 <= index < self._tabs[path].count():
                self._tabs[path].setCurrentIndex(index)

    def close(self) -> None:
        """Tell every panel that it goes."""
        for box in self.boxes:
            box.body.close()

    def reveal(self, box: PanelBox) -> None:
        """Bring the tabs that hide a panel to the front and give it the keyboard."""
        for tabs in self._tabs.values():
            for index in range(tabs.count()):
                page = tabs.widget(index)
                if page is box or (page is not None and page.isAncestorOf(box)):
                    tabs.setCurrentIndex(index)
        box.take_focus()

    def mark_current(self, focus: QWidget | None) -> None:
        """Show in the title which panel has the keyboard."""
        for box in self.boxes:
            current = focus is not None and (box is focus or box.isAncestorOf(focus))
            mark(box.title, current=current)

    def current(self) -> int:
        """The place of the panel with the keyboard in `boxes`, or -1."""
        marked = (place for place, box in enumerate(self.boxes) if box.title.property("current"))
        return next(marked, -1)

    def _build(self, node: Node, path: str) -> QWidget:
        if isinstance(node, Panel):
            count = sum(box.panel.kind == node.kind for box in self.boxes)
            box = PanelBox(node, f"{node.kind}#{count}", self._factory, self._language)
            self.boxes.append(box)
            return box
        if isinstance(node, Tabs):
            return self._build_tabs(node, path)
        return self._build_split(node, path)

    def _build_split(self, node: Split, path: str) -> QWidget:
        across = node.orientation is Orientation.HORIZONTAL
        splitter = QSplitter(Qt.Orientation.Horizontal if across else Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        for place, item in enumerate(node.items):
            splitter.addWidget(self._build(item, f"{path}.{place}"))
        shares = list(node.sizes) or [1] * len(node.items)
        self._splits[path] = (splitter, shares)
        return splitter

    def _build_tabs(self, node: Tabs, path: str) -> QWidget:
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        for place, item in enumerate(node.items):
            page = self._build(item, f"{path}.{place}")
            index = tabs.addTab(page, "")
            box = page if isinstance(page, PanelBox) else self.boxes[-1]
            if box is page:
                box.title.hide()
            tabs.setTabText(index, box.title.text())
            box.titled.connect(lambda text, tabs=tabs, page=page: tabs.setTabText(tabs.indexOf(page), text))
        self._tabs[path] = tabs
        return tabs


def _headers(body: QWidget) -> list[tuple[QWidget, QHeaderView]]:
    found: list[tuple[QWidget, QHeaderView]] = []
    for view in [body, *body.findChildren(QAbstractItemView)]:
        if view.objectName() and isinstance(view, QTableView):
            found.append((view, view.horizontalHeader()))
        elif view.objectName() and isinstance(view, QTreeView):
            found.append((view, view.header()))
    return found
