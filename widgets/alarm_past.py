"""The past of the alarms: transitions out of the journal, loaded page by page."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, tzinfo
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from controlroom.bridge.models.alarm_index import AlarmColumn
from controlroom.bridge.models.alarm_model import AlarmModel, PastAlarm
from controlroom.bridge.names import Names
from controlroom.bridge.refusals import sentence
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.i18n import _
from widgets.alarm_rows import AlarmRows
from widgets.banner import Banner

_PAGE = 500


class AlarmPast(QWidget):
    """Asks `past(before, limit)` for transitions, newest first, and appends what comes."""

    def __init__(
        self,
        past: Callable[[int, int], Awaitable[list[PastAlarm]]],
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        zone: tzinfo | None,
        now: datetime,
        parent: QWidget | None = None,
        names: Names | None = None,
    ) -> None:
        super().__init__(parent)
        self._past = past
        self._spawn = spawn
        self._oldest = 0
        self._more = False
        self._loading = False
        self.model = AlarmModel(now, zone, self, names or Names())
        self.rows = AlarmRows(self.model)
        self.rows.sortByColumn(AlarmColumn.OCCURRED, self.rows.horizontalHeader().sortIndicatorOrder())
        self._failed = Banner("refused")
        self._state = QLabel()
        self._earlier = QPushButton(_("Load earlier ones"))
        self._earlier.clicked.connect(lambda: self._load(self._oldest))
        again = QPushButton(_("Refresh"))
        again.clicked.connect(self.refresh)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 4)
        foot.addWidget(self._state, 1)
        foot.addWidget(again)
        foot.addWidget(self._earlier)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._failed)
        column.addWidget(self.rows, 1)
        column.addLayout(foot)
        self._say()

    def refresh(self) -> None:
        """Load the newest page again."""
        self._load(0)

    def tick(self, now: datetime) -> None:
        """Draw ages again, once a second."""
        self.model.tick(now)
        self.rows.tick()

    def _load(self, before: int) -> None:
        if not self._loading:
            self._loading = True
            self._say()
            self._spawn(self._fetch(before), "alarm history")

    async def _fetch(self, before: int) -> None:
        try:
            page = await self._past(before, _PAGE)
        except CommandRefused as refused:
            self._failed.say(sentence(refused.code, refused.text))
            return
        except EnvironmentFault as fault:
            self._failed.say(fault.sentence)
            return
        finally:
            self._loading = False
            self._say()
        self._failed.hush()
        if before:
            self.model.append_past(page)
        else:
            self.model.reset_past(page)
        self._oldest = min((entry.sequence for entry in page), default=before)
        self._more = len(page) == _PAGE
        self._say()

    def _say(self) -> None:
        self._earlier.setDisabled(self._loading or not self._more)
        self.rows.set_empty_text(_("Loading…") if self._loading else _("Nothing in the journal"))
        text = _("Loading…") if self._loading else _("{count} transitions loaded").format(count=self.model.total)
        self._state.setText(text)
