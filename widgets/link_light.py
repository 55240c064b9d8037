"""The state of the link to the hub in words, with an age that counts up while nothing comes."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from controlroom.i18n import _
from widgets.look import mark


class LinkFacts(Protocol):
    """What is known of the link; `controlroom.seat.link.LinkStatus` is one.

    `state` is CONNECTING, LIVE, LATE, RESYNCING or LOST and holds since `since`; `store` is ok, locked, full or
    corrupt; `realm` is `live` or `drill/<id>`.
    """

    @property
    def state(self) -> Enum:
        """Where the link stands."""

    @property
    def since(self) -> datetime:
        """When it got there, aware."""

    @property
    def store(self) -> str:
        """The condition of the hub's store."""

    @property
    def insecure(self) -> bool:
        """Whether what passes can be read on the way."""

    @property
    def realm(self) -> str:
        """Live, or which drill."""


def age_words(age: timedelta) -> str:
    """An age as minutes and seconds, with hours when there are any; never negative."""
    seconds = max(0, int(age.total_seconds()))
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return f"{hours}:{minutes:02d}:{seconds % 60:02d}"
    return f"{minutes:02d}:{seconds % 60:02d}"


def link_words(link: LinkFacts | None, now: datetime | None, zone: ZoneInfo) -> str:
    """One short sentence about the link at a time."""
    if link is None:
        return _("No link yet")
    since = f"{link.since.astimezone(zone):%H:%M:%S}"
    age = age_words(now - link.since) if now is not None else ""
    sentences = {
        "CONNECTING": _("Connecting, {age}"),
        "LIVE": _("Live"),
        "LATE": _("Late since {since}, {age}"),
        "RESYNCING": _("Resynchronising, {age}"),
        "LOST": _("Link lost since {since}, {age}"),
    }
    return sentences[link.state.name].format(since=since, age=age)


def store_words(condition: str) -> str:
    """The sentence about a store that is not well, empty when it is."""
    sentences = {
        "ok": "",
        "locked": _("Store locked: nothing new is saved, another program holds the file"),
        "full": _("Store full: nothing new is saved, free space on the hub's disk"),
        "corrupt": _("Store damaged: nothing new is saved, restore the hub's last backup"),
    }
    return sentences.get(condition, condition)


class LinkLight(QWidget):
    """Shape and words for the link, then what else is wrong with it: an unencrypted way, a sick store."""

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._link: LinkFacts | None = None
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

    def set_link(self, link: LinkFacts) -> None:
        """Take a new state of the link."""
        self._link = link
        self._draw()

    def set_time(self, now: datetime) -> None:
        """Let ages grow to an aware time."""
        self._now = now
        self._draw()

    def _draw(self) -> None:
        link = self._link
        name = link.state.name if link is not None else "CONNECTING"
        shape = {"LIVE": "●", "LATE": "▲", "LOST": "✕"}.get(name, "◌")
        self.state.setText(f"{shape} {link_words(link, self._now, self._zone)}")
        mark(self.state, fault=name == "LOST", warning=name in ("LATE", "RESYNCING", "CONNECTING"))
        self.insecure.setVisible(link is not None and link.insecure)
        self.insecure.setToolTip(_("What passes between this seat and the hub is not encrypted."))
        sentence = store_words(link.store) if link is not None else ""
        head = sentence.partition(":")[0].partition("：")[0]
        self.store.setText(head)
        self.store.setToolTip(sentence)
        self.store.setVisible(bool(sentence))
