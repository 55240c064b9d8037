"""A row of buttons that folds: what has no room stands in the menu of its last button, and is reached by keys there."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from controlroom.i18n import _


class FoldingBar(QObject):
    """Folds the buttons of a horizontal layout. `keep` never fold, `first` go first, in this order; others follow
    from the right.

    A button that somebody else has hidden stays hidden, and does not come into the menu either.
    """

    def __init__(self, host: QWidget, row: QHBoxLayout) -> None:
        super().__init__(host)
        self._host = host
        self._row = row
        self.keep: list[QWidget] = []
        self.first: list[QToolButton] = []
        self.bare = False
        self._folded: list[QToolButton] = []
        self.more = QToolButton(host)
        self.more.setText("»")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.menu = QMenu(self.more)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.more.setMenu(self.menu)
        self.more.hide()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.fold)
        host.installEventFilter(self)
        self.retranslate()

    @property
    def folded(self) -> Sequence[QToolButton]:
        """The buttons that have no room now, from the left."""
        return sorted(self._folded, key=self._row.indexOf)

    def retranslate(self) -> None:
        """All words anew."""
        self.more.setToolTip(_("More: what has no room in this bar"))
        self.more.setAccessibleName(self.more.toolTip())
        self._soon.start()

    def narrowest(self) -> int:
        """How wide the bar must be at least, in pixels."""
        margins = self._row.contentsMargins()
        kept = [widget for widget in (*self.keep, self.more) if not widget.isHidden() or widget is self.more]
        wide = sum(widget.minimumSizeHint().width() for widget in kept)
        return wide + self._row.spacing() * (len(kept) + 2) + margins.left() + margins.right()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another width, or other words: folded anew."""
        if event.type() is QEvent.Type.Resize:
            self.fold()
        elif event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.FontChange, QEvent.Type.Show):
            self._soon.start()
        return super().eventFilter(watched, event)

    def fold(self) -> None:
        """Shows as many buttons as there is room for."""
        self._soon.stop()
        if self.bare:
            self.more.hide()
            return
        room = self._host.width()
        order = self._order()
        wanted = self._wanted([])
        folded: list[QToolButton] = []
        while wanted > room and len(folded) < len(order):
            folded.append(order[len(folded)])
            wanted = self._wanted(folded)
        if folded == self._folded:
            return
        lost = self._host.focusWidget() if self._host.isAncestorOf(self._host.focusWidget() or self._host) else None
        for button in set(self._folded) - set(folded):
            button.show()
        for button in folded:
            button.hide()
        self._folded = folded
        self.more.setVisible(bool(folded))
        if lost in folded and self._host.isVisible():
            self.more.setFocus()

    def _order(self) -> list[QToolButton]:
        """What may fold, in the order in which it goes."""
        widgets = [item.widget() for k in range(self._row.count()) if (item := self._row.itemAt(k)) is not None]
        buttons = [one for one in widgets if isinstance(one, QToolButton) and self._is_there(one)]
        others = [one for one in reversed(buttons) if one not in self.first]
        first = [one for one in self.first if one in buttons]
        return [one for one in (*first, *others) if one not in self.keep and one is not self.more]

    def _is_there(self, button: QToolButton) -> bool:
        return button in self._folded or not button.isHidden()

    def _wanted(self, folded: Sequence[QToolButton]) -> int:
        """How wide the bar is with these folded."""
        margins, spacing = self._row.contentsMargins(), self._row.spacing()
        wide = margins.left() + margins.right()
        for k in range(self._row.count()):
            item = self._row.itemAt(k)
            widget = None if item is None else item.widget()
            if item is None or widget is self.more or widget in folded:
                continue
            if widget is None:
                wide += item.sizeHint().width()
            elif not widget.isHidden() or widget in self._folded:
                wide += widget.minimumSizeHint().width() + spacing
        return wide + (self.more.sizeHint().width() + spacing if folded else 0)

    def _fill(self) -> None:
        """The menu anew, with what each button would do."""
        self.menu.clear()
        for button in self.folded:
            title = button.text() if len(button.text()) > 1 else button.accessibleName()
            held = button.menu()
            if held is not None:
                action = held.menuAction()
                action.setText(title)
                self.menu.addAction(action)
            else:
                action = self.menu.addAction(title)
                action.setCheckable(button.isCheckable())
                action.setChecked(button.isChecked())
                action.triggered.connect(partial(_press, button))
            action.setEnabled(button.isEnabled())
            action.setToolTip(button.toolTip())


def _press(button: QToolButton, _checked: bool = False) -> None:
    button.click()


def narrow_hint(bar: FoldingBar, usual: QSize) -> QSize:
    """The least size of a bar that folds."""
    return QSize(min(usual.width(), bar.narrowest()), usual.height())
