"""The state of the link to the hub in words, with an age that counts up while nothing comes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from controlroom.i18n import _
from controlroom.seat.status import LinkState, LinkStatus
from widgets.look import mark


def age_words(age: timedelta) -> str:
    """An age as minutes and seconds, with hours when there are any; never negative."""
    seconds = max(0, int(age.total_seconds()))
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return f"{hours}:{minutes:02d}:{seconds % 60:02d}"
    return f"{minutes:02d}:{seconds % 60:02d}"


def link_words(
    link: LinkStatus | None, now: datetime | None, zone: ZoneInfo, recalled_at: datetime | None = None
) -> str:
    """One short sentence about the link at a time; `recalled_at` is of what is shown though no hub was reached."""
    if link is None:
        return _("No link yet")
    since = f"{link.since.astimezone(zone):%H:%M:%S}"
    age = age_words(now - link.since) if now is not None else ""
    if recalled_at is not None and now is not None and link.state is not LinkState.LIVE:
        told = _("Hub not reached since {since} ({age}); shown is what was so at {time}, {old} ago")
        time = f"{recalled_at.astimezone(zone):%m-%d %H:%M:%S}"
        return told.format(since=since, age=age, time=time, old=age_words(now - recalled_at))
    sentences = {
        LinkState.CONNECTING: _("Connecting, {age}"),
        LinkState.LIVE: _("Link live"),
        LinkState.LATE: _("Late since {since}, {age}"),
        LinkState.RESYNCING: _("Resynchronising, {age}"),
        LinkState.LOST: _("Link lost since {since}, {age}"),
    }
    return sentences[link.state].format(since=since, age=age)


def store_words(condition: str) -> str:
    """The sentence about a store that is not well, empty when it is."""
    sentences = {
        "ok": "",
        "locked": _("Store locked: nothing new is saved, another program holds the file"),
        "full": _("Store full: nothing new is saved, free space on the hub's disk"),
        "corrupt": _("Store damaged: the hub begins anew with what can be read of it"),
    }
    return sentences.get(condition, condition)


class LinkLight(QWidget):
    """Shape and words for the link, then what else is wrong with it: an unencrypted way, a sick store."""

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._link: LinkStatus | None = None
        self._now: datetime | None = None
        self.state = QLabel()
        self.insecure = QLabel(_("Unencrypted"))
        self.store = QLabel()
        mark(self.insecure, warning=True)
        mark(self.store, fault=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for label in (self.state, self.insecure, self.store):
            row.addWidget(label)
        self._draw()

    def set_link(self, link: LinkStatus) -> None:
        """Take a new state of the link."""
        self._link = link
        self._draw()

    def set_time(self, now: datetime) -> None:
        """Let ages grow to an aware time."""
        self._now = now
        self._draw()

    def _draw(self) -> None:
        link = self._link
        state = link.state if link is not None else LinkState.CONNECTING
        shape = {LinkState.LIVE: "●", LinkState.LATE: "▲", LinkState.LOST: "✕"}.get(state, "◌")
        self.state.setText(f"{shape} {link_words(link, self._now, self._zone)}")
        self.state.setToolTip(link.trouble if link is not None else "")
        lost, live = state is LinkState.LOST, state is LinkState.LIVE
        mark(self.state, fault=lost, warning=not lost and not live)
        self.insecure.setVisible(link is not None and link.insecure)
        self.insecure.setToolTip(_("What passes between this seat and the hub is not encrypted."))
        sentence = store_words(link.store) if link is not None else ""
        head = sentence.partition(":")[0].partition("：")[0]
        self.store.setText(head)
        self.store.setToolTip(sentence)
        self.store.setVisible(bool(sentence))
