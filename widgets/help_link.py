"""A button beside a sentence that opens what the handbook says of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from controlroom.handbook.answers import topic_of_fault
from controlroom.i18n import _

TOPIC = "helpTopic"
"""The property of a widget that says which topic F1 opens there."""

ACTION = "help"
"""The name of the action that opens help of what has the focus."""


class HelpLink(QToolButton):
    """Shown only while there is a topic. Pressing it does what F1 would do on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setText(_("How to mend it"))
        self.setToolTip(_("What to do about it (F1)"))
        self.clicked.connect(self._ask)
        self.set_topic("")

    def set_sentence(self, sentence: str, otherwise: str = "") -> None:
        """Lead to what is to be done about this sentence, else to the topic `otherwise`."""
        self.set_topic(topic_of_fault(sentence) or otherwise)

    def set_topic(self, topic: str) -> None:
        """Lead to this topic; an empty one hides the button."""
        self.setProperty(TOPIC, topic)
        self.setVisible(bool(topic))

    @property
    def topic(self) -> str:
        """Where it leads."""
        return str(self.property(TOPIC) or "")

    def _ask(self) -> None:
        # A window that is told of a fault need not be one of the room's: any of them knows the action.
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        for window in (self.window(), *QApplication.topLevelWidgets()):
            for action in window.actions():
                if action.objectName() == ACTION:
                    action.setProperty(TOPIC, self.topic)
                    action.trigger()
                    return
