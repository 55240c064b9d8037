"""The tabs of the alarm list: which alarms each of them lists, and how many there are in it."""

from collections.abc import Mapping

from PySide6.QtWidgets import QTabBar, QWidget

from controlroom.bridge.models.alarm_index import AlarmFilter
from controlroom.domain.alarm import Alarm, AsideKind
from controlroom.domain.severity import Severity
from controlroom.i18n import _

_CURRENT, _WAITING, _SHELVED, _SUPPRESSED, _HISTORY = range(5)
_SHELVED_KINDS: frozenset[AsideKind | None] = frozenset({AsideKind.SHELVED})
_SUPPRESSED_KINDS: frozenset[AsideKind | None] = frozenset({AsideKind.SUPPRESSED, AsideKind.OUT_OF_SERVICE})
_NOT_ASIDE: frozenset[AsideKind | None] = frozenset({None})
_ASIDE = {_SHELVED: _SHELVED_KINDS, _SUPPRESSED: _SUPPRESSED_KINDS}


class AlarmTabs(QTabBar):
    """Current, unacknowledged, shelved, suppressed, where wanted the history, and what other seats have."""

    def __init__(self, history: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_history = history
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        titles = (_("Current"), _("Unacknowledged"), _("Shelved"), _("Suppressed"))
        for title in titles + ((_("History"),) if history else ()):
            self.addTab(title)
        self._handed = self.addTab(_("Handed over"))
        self.setTabVisible(self._handed, False)

    @property
    def on_history(self) -> bool:
        """Whether the past is shown."""
        return self._has_history and self.currentIndex() == _HISTORY

    @property
    def on_aside(self) -> bool:
        """Whether alarms that are set aside are shown."""
        return self.currentIndex() in _ASIDE

    @property
    def groups(self) -> bool:
        """Whether groups may stand in place of what is shown."""
        return self.currentIndex() in (_CURRENT, _WAITING)

    def filter(self, severities: frozenset[Severity], text: str) -> AlarmFilter:
        """What the shown tab lists of these severities and this text."""
        tab = self.currentIndex()
        return AlarmFilter(tab == _WAITING, severities, text, _ASIDE.get(tab, _NOT_ASIDE), tab == self._handed)

    def show_home_of(self, alarm: Alarm | None) -> None:
        """Show the tab that an alarm is in."""
        kind = alarm.aside.kind if alarm is not None and alarm.aside is not None else None
        self.setCurrentIndex(next((tab for tab, kinds in _ASIDE.items() if kind in kinds), _CURRENT))

    def show_counts(self, aside: Mapping[AsideKind, int], handed: int) -> None:
        """How many are set aside in each way, and how many other seats have."""
        counts = self._aside(aside)
        self.setTabText(_SHELVED, _with_count(_("Shelved"), counts[_SHELVED]))
        self.setTabText(_SUPPRESSED, _with_count(_("Suppressed"), counts[_SUPPRESSED]))
        self.setTabText(self._handed, _with_count(_("Handed over"), handed))
        self.setTabVisible(self._handed, bool(handed) or self.currentIndex() == self._handed)

    def total(self, aside: Mapping[AsideKind, int], held: int) -> int:
        """How many of the `held` alarms belong to the shown tab, whatever the filter is."""
        counts = self._aside(aside)
        return counts.get(self.currentIndex(), held - sum(counts.values()))

    def empty_text(self, total: int, waiting: int) -> str:
        """What the list says while it has no rows."""
        if self.currentIndex() == _WAITING and not waiting:
            return _("Nothing waits to be acknowledged")
        if self.on_aside and not total:
            return _("Nothing is set aside here")
        return _("No alarm passes the filter") if total else _("No alarms")

    def _aside(self, aside: Mapping[AsideKind, int]) -> dict[int, int]:
        return {tab: sum(aside[kind] for kind in kinds if kind) for tab, kinds in _ASIDE.items()}


def _with_count(word: str, count: int) -> str:
    return _("{word} ({count})").format(word=word, count=count) if count else word
