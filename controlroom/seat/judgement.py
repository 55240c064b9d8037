"""How far a link can be trusted, from what was heard and how long ago."""

from dataclasses import replace

from controlroom.clock import Clock
from controlroom.seat.sequencer import Sequencer
from controlroom.seat.status import LinkState, LinkStatus

LATE_S = 0.7
"""Without a heartbeat for this long the link is late (they come every 0.25 s)."""

LOST_S = 2.0
"""Without a heartbeat for this long the link is lost and its sockets are made anew."""


def judged(status: LinkStatus, silent_s: float, beaten: bool, sequencer: Sequencer, clock: Clock) -> LinkStatus:
    """The status now; the same object where nothing has changed. `beaten`: a heartbeat came on these sockets."""
    never = sequencer.expected is None and status.state is LinkState.CONNECTING
    if silent_s > LOST_S:
        state = LinkState.CONNECTING if never else LinkState.LOST
    elif not beaten:
        state = status.state
    elif sequencer.expected is None:
        state = LinkState.CONNECTING if never else LinkState.RESYNCING
    elif silent_s > LATE_S:
        state = LinkState.LATE
    else:
        state = LinkState.RESYNCING if sequencer.missing() is not None else LinkState.LIVE
    sequence = (sequencer.expected or 1) - 1
    if state is not status.state:
        return replace(status, state=state, since=clock.now(), sequence=sequence)
    return status if sequence == status.sequence else replace(status, sequence=sequence)
