"""Which video wall an officer means."""

from PySide6.QtWidgets import QApplication, QWidget

from widgets.video_wall import VideoWall


def focused_wall(window: QWidget | None) -> VideoWall | None:
    """The wall that has the keyboard, else the first one that is seen."""
    widget = QApplication.focusWidget()
    while widget is not None:
        if isinstance(widget, VideoWall):
            return widget
        widget = widget.parentWidget()
    windows = [each for each in (QApplication.activeWindow(), window) if each is not None]
    seen = [widget for each in windows for widget in (each, *each.findChildren(VideoWall)) if widget.isVisible()]
    return next((wall for wall in seen if isinstance(wall, VideoWall)), None)
