"""What a list says in its middle while nothing is listed in it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel

_MARGIN = 12


class EmptyWords(QLabel):
    """Lies over the viewport of a list and is seen only while the list has no rows. The view's model must be set."""

    def __init__(self, view: QAbstractItemView, words: str) -> None:
        super().__init__(words, view.viewport())
        self._view = view
        self.setObjectName("emptyWords")
        self.setProperty("faint", True)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        model = view.model()
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.layoutChanged):
            changed.connect(self._look)
        view.viewport().installEventFilter(self)
        self._look()

    def say(self, words: str) -> None:
        """Another sentence, for another reason why nothing is listed."""
        self.setText(words)
        self._look()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle of the list."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._look()
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        self.setGeometry(self._view.viewport().rect().adjusted(_MARGIN, 0, -_MARGIN, 0))
        self.setVisible(bool(self.text()) and not self._view.model().rowCount())
