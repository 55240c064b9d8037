"""Dynamic properties by which the style sheet knows what state a widget is in."""

from PySide6.QtWidgets import QWidget


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
        widget.update()
