"""Dynamic properties by which the style sheet knows what state a widget is in."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget


def mark(widget: QWidget, **properties: object) -> None:
    """Set properties such as `stale=True` or `severity=1` and have the widget drawn anew if one changed."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
        # A state may bring edges of its own: without this a label keeps the width it had and is cut.
        QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
        widget.update()
