"""Whether this is the real room or a drill, and where the drill's playback stands."""

from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from controlroom.bridge.raw_text import tip
from controlroom.domain.drill import Drill, Transport
from controlroom.i18n import _
from widgets.look import mark

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


class DrillBadge(QWidget):
    """LIVE, not live, or the drill with its clock, its transport and its pace."""

    transport_asked = Signal(object, float)
    """A Transport and a speed that the officer wants."""

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._drill: Drill | None = None
        self._in_drill = False
        self._live = False
        self.badge = QLabel()
        self.clock = QLabel()
        self.play = QToolButton()
        self.play.clicked.connect(self._toggle)
        self.speed = QToolButton()
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.speed)
        for pace in SPEEDS:
            action = QAction(f"{pace:g}×", menu)
            action.triggered.connect(lambda _checked=False, chosen=pace: self._pace(chosen))
            menu.addAction(action)
        self.speed.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.badge, self.clock, self.play, self.speed):
            row.addWidget(widget)
        self._draw()

    def set_realm(self, live: bool, in_drill: bool) -> None:
        """Whether what is seen is of this moment, and whether the hub is a drill's."""
        self._live, self._in_drill = live, in_drill
        self._draw()

    def set_drill(self, drill: Drill | None) -> None:
        """The playback of this hub, or None when it plays none."""
        self._drill = drill
        self._draw()

    def _toggle(self) -> None:
        if self._drill is not None:
            playing = self._drill.transport is Transport.PLAYING
            self.transport_asked.emit(Transport.PAUSED if playing else Transport.PLAYING, self._drill.speed)

    def _pace(self, speed: float) -> None:
        if self._drill is not None:
            self.transport_asked.emit(self._drill.transport, speed)

    def _draw(self) -> None:
        drill = self._drill
        in_drill = self._in_drill or drill is not None
        if in_drill:
            self.badge.setText(_("DRILL"))
        else:
            self.badge.setText(_("LIVE") if self._live else _("NOT LIVE"))
        mark(self.badge, drill=in_drill, warning=not in_drill and not self._live)
        for widget in (self.clock, self.play, self.speed):
            widget.setVisible(drill is not None)
        if drill is None:
            return
        self.badge.setToolTip(tip(drill.title))
        words = {
            Transport.PLAYING: _("playing"),
            Transport.PAUSED: _("paused"),
            Transport.ENDED: _("ended"),
        }
        clock = f"{drill.clock.astimezone(self._zone):%m-%d %H:%M:%S}"
        self.clock.setText(_("{clock} {transport}").format(clock=clock, transport=words[drill.transport]))
        playing = drill.transport is Transport.PLAYING
        self.play.setText("❚❚" if playing else "▶")
        self.play.setToolTip(_("Pause the drill") if playing else _("Play the drill"))
        self.play.setEnabled(drill.transport is not Transport.ENDED)
        self.speed.setText(f"{drill.speed:g}×")
        self.speed.setToolTip(_("Speed of the drill"))
