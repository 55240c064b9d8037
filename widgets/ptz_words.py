"""What a seat sees of a steerable camera, as values and words."""

from datetime import datetime

from msgspec import Struct

from controlroom.domain.ptz import Ability, Ask, LeaseEnd, Preset, PtzAct, PtzDeed, PtzLease, PtzTrouble, PtzUnit
from controlroom.i18n import _, _n


class PtzSight(Struct, frozen=True, kw_only=True):
    """One camera as a seat sees it; `unit` is None until its adapter has told of it."""

    camera: str
    name: str
    has_head: bool
    seat: str
    unit: PtzUnit | None = None
    lease: PtzLease | None = None
    act: PtzAct | None = None
    now: datetime
    idle_s: int = 60
    is_live: bool = True
    """Whether the hub is heard; without it nothing can be moved."""

    @property
    def is_mine(self) -> bool:
        """Whether this seat holds the camera."""
        return self.lease is not None and self.lease.seat == self.seat and self.is_live

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Its presets in the order of their numbers."""
        return () if self.unit is None else self.unit.presets

    @property
    def asks(self) -> tuple[Ask, ...]:
        """Who asks this seat for the camera and may still be answered, who asked first at first."""
        if self.lease is None or not self.is_mine:
            return ()
        return tuple(ask for ask in self.lease.asks if self.now < ask.answer_by)

    def can(self, ability: Ability) -> bool:
        """Whether its head has an ability."""
        return self.unit is not None and self.unit.can(ability)


def mode_keys() -> tuple[tuple[str, str], ...]:
    """The keys of PTZ mode and what each does."""
    return (
        ("← → ↑ ↓", _("Turn the camera while the key is held")),
        ("+ −", _("Zoom in or out")),
        ("PgUp PgDn", _("Focus far or near")),
        (". ,", _("Open or close the iris")),
        ("[ ]", _("Slower or faster")),
        ("1–9", _("Go to a preset")),
        ("H", _("Go home")),
        ("M", _("Save a preset")),
        ("Y", _("Begin or end the patrol")),
        ("T", _("Take the camera, or keep it for longer")),
        ("G", _("Give the camera back")),
        ("A", _("Ask who holds the camera")),
        ("O", _("Take the camera over from a lower role")),
        ("Enter", _("Hand the camera to who asks")),
        ("R", _("Rules that move cameras")),
        ("Esc", _("Leave PTZ mode")),
    )


def standing(sight: PtzSight) -> str:
    """Who holds it and for how long, or why it cannot be moved."""
    if not sight.has_head:
        return _("This camera has no pan and tilt: wheel and box enlarge the picture only (digital zoom)")
    if not sight.is_live:
        return _("The hub is not heard: nothing can be moved")
    if sight.lease is None:
        return _("Free: press T to take it")
    left = _left(sight.lease.until, sight.now)
    if sight.is_mine:
        return _("You hold it · {left} left").format(left=left)
    words = _("{officer} ({seat}) holds it · {left} left")
    if sight.lease.reason:
        words = _("{officer} ({seat}) holds it · {left} left · {reason}")
    lease = sight.lease
    return words.format(officer=lease.officer, seat=lease.seat, left=left, reason=lease.reason)


def asking(sight: PtzSight) -> str:
    """Who asks for it and why, and how long they may still be answered; empty where nobody does."""
    if not sight.asks:
        return ""
    ask, more = sight.asks[0], len(sight.asks) - 1
    told = _("{officer} ({seat}) asks for the camera: {reason} · {left} left to answer").format(
        officer=ask.officer, seat=ask.seat, reason=ask.reason or "—", left=_left(ask.answer_by, sight.now)
    )
    if not more:
        return told
    return _n("{told} · {count} more asks", "{told} · {count} more ask", more).format(told=told, count=more)


def trouble_words(unit: PtzUnit) -> str:
    """Why a camera cannot be moved, in one sentence with what to do; empty where nothing is wrong."""
    detail = f" ({unit.detail})" if unit.detail else ""
    match unit.trouble:
        case PtzTrouble.NONE:
            return ""
        case PtzTrouble.UNREACHABLE:
            return _("The camera cannot be reached for steering{detail}; check its network.").format(detail=detail)
        case PtzTrouble.SLOW:
            return _("The camera does not answer in time{detail}; try again.").format(detail=detail)
        case PtzTrouble.REFUSED:
            return _("The camera refuses our login; have user and password checked in the settings.")
        case PtzTrouble.GARBAGE:
            return _("What the camera answers cannot be understood{detail}; have it checked.").format(detail=detail)
        case PtzTrouble.DECLINED:
            return _("The camera declined{detail}.").format(detail=detail)
        case PtzTrouble.UNABLE:
            return _("The camera cannot do this{detail}.").format(detail=detail)
        case PtzTrouble.ADDRESS:
            return _("The address for steering is wrong{detail}; have it corrected.").format(detail=detail)


def ended_words(lease: PtzLease, name: str) -> str:
    """What the one who held a camera is told at its end; empty where they ended it themselves."""
    match lease.ended:
        case LeaseEnd.TAKEN:
            return _("{officer} has taken {camera} from you: {reason}").format(
                officer=lease.ended_by, camera=name, reason=lease.ended_why
            )
        case LeaseEnd.IDLE:
            return _("{camera} was not moved for a while and is free again.").format(camera=name)
        case LeaseEnd.OVER:
            return _("Your time with {camera} is up; take it again if you need it.").format(camera=name)
        case LeaseEnd.GONE:
            return _("{camera} was given free because this seat was not heard.").format(camera=name)
        case _:
            return ""


def last_words(act: PtzAct, clock: str) -> str:
    """What was done with a camera last."""
    who = act.officer or _("a rule")
    deed = {
        PtzDeed.MOVED: _("moved it"),
        PtzDeed.CENTRED: _("centred it"),
        PtzDeed.TURNED: _("turned it to a place"),
        PtzDeed.WENT: _("sent it to a preset"),
        PtzDeed.HOME: _("sent it home"),
        PtzDeed.SAVED: _("saved a preset"),
        PtzDeed.RENAMED: _("renamed a preset"),
        PtzDeed.REMOVED: _("removed a preset"),
        PtzDeed.PATROL: _("started a patrol"),
        PtzDeed.GUARD: _("sent it back to its guard"),
        PtzDeed.WITHHELD: _("would have moved it, but it was held"),
    }[act.deed]
    return _("Last: {who} {deed} {clock}").format(who=who, deed=deed, clock=clock)


def _left(until: datetime, now: datetime) -> str:
    seconds = max(0, round((until - now).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"
