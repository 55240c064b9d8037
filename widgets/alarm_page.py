"""Another way to look at the current alarms, in place of the painted rows."""

from PySide6.QtWidgets import QWidget


class AlarmPage(QWidget):
    """Tells which alarms commands are about."""

    def keys(self) -> list[str]:
        """The ids of the chosen alarms."""
        raise NotImplementedError

    def choose(self, key: str | None) -> None:
        """Make an alarm current and select it, where it is listed."""
        raise NotImplementedError

    def current_key(self) -> str | None:
        """The id of the alarm under the keyboard."""
        raise NotImplementedError
