"""A heading inside a menu: in the column of its entries, with air around it, cut where a name is very long."""

from PySide6.QtGui import QAction
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
    return heading
