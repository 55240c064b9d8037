"""The panel of the sources, connected: the hub is asked while somebody looks."""

from datetime import datetime

from PySide6.QtCore import QObject

from controlroom.bridge.models.sources_model import RefusedModel, SourcesModel
from controlroom.errors import CommandRefused, EnvironmentFault
from controlroom.seat.status import LinkStatus
from controlroom.wiring.seat import ZONE, Seat
from widgets.source_panel import SourcePanel

EVERY_S = 2.0
"""Between two questions to the hub while the panel is seen."""


class SourcesWiring(QObject):
    """Asks the hub how its sources stand; nothing is asked for a panel that nobody sees."""

    def __init__(self, seat: Seat) -> None:
        now = seat.clock.now()
        sources, refused = SourcesModel(now, seat.names), RefusedModel(now, ZONE)
        self.panel = SourcePanel(sources, refused)
        super().__init__(self.panel)
        sources.setParent(self.panel)
        refused.setParent(self.panel)
        self._seat = seat
        self._asking = False
        self._asked_s = float("-inf")
        self._counts: dict[str, int] = {}
        seat.pump.ticked.connect(self._tick)
        seat.pump.link_changed.connect(self._link)
        self.panel.chosen.connect(self._chosen)
        self._link(seat.pump.status)
        self.panel.tick(now)

    def _tick(self, now: datetime) -> None:
        if not self.panel.isVisible():
            return
        self.panel.tick(now)
        due = self._seat.clock.monotonic() - self._asked_s >= EVERY_S
        if due and not self._asking and not self._seat.stale:
            self._asking = True
            self._asked_s = self._seat.clock.monotonic()
            self._seat.tasks.spawn(self._ask(), "sources")

    async def _ask(self) -> None:
        try:
            answer = await self._seat.commands.sources()
        except (CommandRefused, EnvironmentFault) as error:
            self.panel.notice.say(str(error))
            return
        finally:
            self._asking = False
        held, self._counts = self._counts, {source.id: source.refused for source in answer.sources}
        self.panel.sources.show(list(answer.sources))
        self.panel.told(self._seat.clock.now())
        chosen = self.panel.source
        if chosen and held.get(chosen) != self._counts.get(chosen):
            await self._ask_refused(chosen)

    async def _ask_refused(self, source: str) -> None:
        try:
            answer = await self._seat.commands.refused(source)
        except (CommandRefused, EnvironmentFault) as error:
            self.panel.notice.say(str(error))
            return
        if source == self.panel.source:
            self.panel.refused.show(list(answer.messages))

    def _chosen(self, source: str) -> None:
        self._seat.tasks.spawn(self._ask_refused(source), "refused messages")

    def _link(self, _status: LinkStatus) -> None:
        self.panel.set_stale(self._seat.stale)
