"""A heading inside a menu: in the column of its entries, with air around it, cut where a name is very long."""

from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QMenu

_MOST_LETTERS = 48


def add_heading(menu: QMenu, words: str) -> QAction:
    """Say what the entries below are about; it cannot be chosen."""
    cut = words if len(words) <= _MOST_LETTERS else words[: _MOST_LETTERS - 1] + "…"
    heading = menu.addAction(cut.replace("&", "&&"))
    heading.setEnabled(False)
    heading.setToolTip(words)
    font = heading.font()
    font.setBold(True)
    heading.setFont(font)
    # It is grey because it cannot be chosen, but it is there to be read: in the grey of notes, not of what is off.
    look, group, role = menu.palette(), QPalette.ColorGroup, QPalette.ColorRole
    notes = look.color(group.Active, role.PlaceholderText)
    for words_of in (role.WindowText, role.Text, role.ButtonText):
        look.setColor(group.Disabled, words_of, notes)
    menu.setPalette(look)
    return heading
