"""The state of a stream as a pure function of what happened and of the moment it is looked at.

A stream's thread only records facts (a packet came, a picture was decoded, the connection failed). Whether the picture
is live is worked out when somebody looks, from the looker's clock: a thread that hangs cannot keep a picture live.
"""

import enum

from msgspec import Struct
from msgspec.structs import replace

from controlroom.domain.camera import PictureFault
from controlroom.video.clip_order import Clip
from controlroom.video.fault import Trouble
from controlroom.video.load import Depth, Load
from controlroom.video.past import Past
from controlroom.video.ring import Kept
from controlroom.video.share import WHOLE, Share


class SignalState(enum.StrEnum):
    """What a tile says of its picture."""

    OFF = "off"
    CONNECTING = "connecting"
    LIVE = "live"
    DEGRADED = "degraded"
    """It moves, but damaged or by key pictures only."""
    FROZEN = "frozen"
    NO_SIGNAL = "no_signal"
    REFUSED = "refused"


class Patience(Struct, frozen=True):
    """How long a picture may stand before it is called frozen, in seconds.

    `silence_s` while nothing arrives, `starved_s` while data arrive that make no picture, `still_s` while all pictures
    that arrive are the same; a lost stream's last picture is kept for `keep_s`. Damage is told for `hurt_s`.
    """

    silence_s: float = 4.0
    starved_s: float = 1.6
    still_s: float = 4.5
    keep_s: float = 60.0
    hurt_s: float = 3.0


class Signal(Struct, frozen=True):
    """The facts of one stream; times are seconds of the monotonic clock.

    `hurt_s` is when it was damaged last, `depth` how much of it is decoded, `load` what that costs, `faults` what is
    wrong with its pictures as such (None while nobody has looked), `kept` what its ring holds, `past` what a look at
    the past found, `clip` how far a clip is.
    """

    began_s: float
    is_off: bool = False
    is_connected: bool = False
    packet_s: float | None = None
    picture_s: float | None = None
    changed_s: float | None = None
    lost_s: float | None = None
    trouble: Trouble | None = None
    failures: int = 0
    hurt_s: float | None = None
    depth: Depth = Depth.FULL
    load: Load | None = None
    faults: tuple[PictureFault, ...] | None = None
    kept: Kept | None = None
    past: Past | None = None
    clip: Clip | None = None


class View(Struct, frozen=True):
    """A stream as it is at one moment: `age_s` is the age of the last picture, None where there never was one."""

    state: SignalState
    age_s: float | None = None
    trouble: Trouble | None = None
    share: Share = WHOLE
    faults: tuple[PictureFault, ...] | None = None
    kept: Kept | None = None

    @property
    def is_live(self) -> bool:
        """Whether the picture shows what happens now, whole and at its full rate."""
        return self.state is SignalState.LIVE

    @property
    def is_moving(self) -> bool:
        """Whether the picture shows what happens now, be it damaged or seldom."""
        return self.state in (SignalState.LIVE, SignalState.DEGRADED)


OFF = View(SignalState.OFF)
_STARVING_S = 0.5


def connected(held: Signal) -> Signal:
    """The stream's server answered; whether pictures come is still to be seen."""
    return replace(held, is_connected=True)


def arrived(held: Signal, at_s: float) -> Signal:
    """A packet came."""
    return replace(held, packet_s=at_s)


def pictured(held: Signal, at_s: float, changed: bool = True) -> Signal:
    """A picture was decoded; all trouble is over. `changed`: it is seen to differ from those before."""
    changed_s = at_s if changed or held.changed_s is None else held.changed_s
    return replace(held, is_connected=True, picture_s=at_s, changed_s=changed_s, lost_s=None, trouble=None, failures=0)


def hurt(held: Signal, at_s: float) -> Signal:
    """A packet or a picture was damaged."""
    return replace(held, hurt_s=at_s)


def weighed(held: Signal, load: Load) -> Signal:
    """What decoding costs was measured anew."""
    return replace(held, load=load)


def diagnosed(held: Signal, faults: tuple[PictureFault, ...]) -> Signal:
    """The pictures were looked at."""
    return held if held.faults == faults else replace(held, faults=faults)


def thinned(held: Signal, depth: Depth) -> Signal:
    """From now on so much is decoded."""
    return replace(held, depth=depth)


def keeping(held: Signal, kept: Kept | None) -> Signal:
    """The ring of the last minutes holds this."""
    return replace(held, kept=kept)


def recalled(held: Signal, past: Past) -> Signal:
    """A look at the past found this."""
    return held if held.past == past else replace(held, past=past)


def failed(held: Signal, trouble: Trouble, at_s: float) -> Signal:
    """The connection failed or ended."""
    lost_s = at_s if held.lost_s is None else held.lost_s
    return replace(held, is_connected=False, changed_s=None, lost_s=lost_s, trouble=trouble, failures=held.failures + 1)


def orphaned(held: Signal, at_s: float, trouble: Trouble | None = None) -> Signal:
    """Whoever decoded the stream is gone; somebody else will connect to it anew."""
    lost_s = at_s if held.lost_s is None else held.lost_s
    return replace(held, is_connected=False, lost_s=lost_s, trouble=trouble or held.trouble)


def stopped(held: Signal) -> Signal:
    """Nobody watches any more."""
    return replace(held, is_off=True, is_connected=False)


def seen(held: Signal, at_s: float, patience: Patience) -> View:
    """How the stream stands at `at_s`."""
    if held.is_off:
        return OFF
    age_s = None if held.picture_s is None else max(0.0, at_s - held.picture_s)
    trouble = held.trouble
    if trouble is not None and trouble.fault.is_refusal:
        return View(SignalState.REFUSED, age_s, trouble)
    if age_s is None:
        return View(SignalState.CONNECTING if trouble is None else SignalState.NO_SIGNAL, None, trouble)
    if trouble is None and held.is_connected and _is_fresh(held, age_s, patience):
        still_s = 0.0 if held.changed_s is None else at_s - held.changed_s
        if still_s >= patience.still_s:
            return View(SignalState.FROZEN, still_s, faults=held.faults)
        is_hurt = held.hurt_s is not None and at_s - held.hurt_s < patience.hurt_s
        is_whole = not is_hurt and held.depth is not Depth.KEYS
        return View(SignalState.LIVE if is_whole else SignalState.DEGRADED, age_s, faults=held.faults)
    if held.lost_s is not None and at_s - held.lost_s >= patience.keep_s:
        return View(SignalState.NO_SIGNAL, age_s, trouble)
    return View(SignalState.FROZEN, age_s, trouble)


def _is_fresh(held: Signal, age_s: float, patience: Patience) -> bool:
    if age_s >= patience.silence_s or held.picture_s is None:
        return False
    starving = held.packet_s is not None and held.packet_s - held.picture_s >= _STARVING_S
    return not (starving and age_s >= max(patience.starved_s, _awaited_s(held)))


def _awaited_s(held: Signal) -> float:
    """How long the next picture may take where only key pictures are decoded."""
    if held.depth is not Depth.KEYS:
        return 0.0
    gap_s = 0.0 if held.load is None else held.load.key_gap_s
    return 1.25 * gap_s + 0.6 if gap_s > 0.0 else float("inf")
