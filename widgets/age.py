"""The age of what is shown: 3 分 12 秒前; a value without its age is not shown anywhere."""

from datetime import datetime

from PySide6.QtWidgets import QLabel, QWidget

from controlroom.bridge.wording import age_text, clock_text, due_text, span_text, time_text

__all__ = ["AgeLabel", "age_text", "clock_text", "due_text", "span_text", "time_text"]


class AgeLabel(QLabel):
    """Shows how old something is, and by the dynamic property `stale` when it is older than it may be."""

    def __init__(self, stale_after_s: float | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stale_after_s = stale_after_s
        self._since: datetime | None = None
        self.setText("—")

    def set_time(self, since: datetime | None, now: datetime) -> None:
        """Tell when the thing happened; None = it never did."""
        self._since = since
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Draw the age again, once a second."""
        age_s = None if self._since is None else (now - self._since).total_seconds()
        self.setText("—" if age_s is None else age_text(age_s))
        stale = age_s is not None and self._stale_after_s is not None and age_s > self._stale_after_s
        if stale != bool(self.property("stale")):
            self.setProperty("stale", stale)
            self.style().unpolish(self)
            self.style().polish(self)
