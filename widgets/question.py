"""A question before a deed that reaches far: the button says what happens, and not doing it is the default."""

from PySide6.QtWidgets import QMessageBox, QWidget

from controlroom.i18n import _


def asked(parent: QWidget, question: str, deed: str) -> bool:
    """Whether the officer presses the button that says the deed; Enter and Esc leave things as they are."""
    box = QMessageBox(QMessageBox.Icon.Question, _("Please confirm"), question, parent=parent)
    do_it = box.addButton(deed, QMessageBox.ButtonRole.AcceptRole)
    leave = box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(leave)
    box.setEscapeButton(leave)
    box.exec()
    chosen = box.clickedButton() is do_it
    box.deleteLater()
    return chosen
