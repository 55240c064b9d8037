"""Buttons side by side below what they are about."""

from PySide6.QtWidgets import QHBoxLayout, QWidget


def button_row(*widgets: QWidget | None) -> QHBoxLayout:
    """These widgets in one line; None is the space that takes what is left."""
    row = QHBoxLayout()
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row
