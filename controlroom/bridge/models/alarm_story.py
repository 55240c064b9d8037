"""What happened to an alarm so far, as lines in order of time; and what belongs to it, as values."""

from datetime import datetime

from msgspec import Struct

from controlroom.bridge.names import Names
from controlroom.bridge.wording import aside_word, owner_text, severity_word, span_text
from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.camera import Camera
from controlroom.domain.sensor import Limit, Sensor
from controlroom.i18n import _


class NearCamera(Struct, frozen=True):
    """A camera and how far it is from the alarm, in metres; `sees_it`: it looks there now."""

    camera: Camera
    distance_m: float
    sees_it: bool = False


class SensorNow(Struct, frozen=True):
    """A sensor with the limits of that time, its newest value (its unit) and the value's time; None = never heard.

    `origin` tells whose limits they are.
    """

    sensor: Sensor
    value: float | None = None
    at: datetime | None = None
    origin: str = ""

    def age_s(self, now: datetime) -> float | None:
        """How old the value is."""
        return None if self.at is None else (now - self.at).total_seconds()

    def stale(self, now: datetime) -> bool:
        """Whether the value is older than its sensor allows, or missing."""
        age_s = self.age_s(now)
        return age_s is None or age_s > self.sensor.stale_after_s


class StoryLine(Struct, frozen=True):
    """One thing that happened: when, what, who (empty = nobody did it)."""

    at: datetime
    what: str
    who: str = ""


def story(alarm: Alarm, names: Names | None = None) -> list[StoryLine]:
    """The lines of an alarm in order of time, as far as the alarm itself tells."""
    source = (names or Names()).source(alarm.source)
    late_s = (alarm.received_at - alarm.occurred_at).total_seconds()
    received = _("Received by the hub")
    if abs(late_s) >= 1.0:
        words = _("{span} after it occurred") if late_s > 0 else _("{span} before the source's clock")
        received = f"{received}, {words.format(span=span_text(late_s))}"
    lines = [
        StoryLine(alarm.occurred_at, _("Occurred, by the source's clock"), source),
        StoryLine(alarm.received_at, received),
    ]
    if alarm.count > 1:
        told = _("Raised {count} times since it was last normal").format(count=alarm.count)
        lines.append(StoryLine(alarm.changed_at, told, source))
    if alarm.returned_at is not None:
        lines.append(StoryLine(alarm.returned_at, _("Condition went away"), source))
    if alarm.acknowledged_at is not None:
        lines.append(StoryLine(alarm.acknowledged_at, _("Acknowledged"), alarm.acknowledged_by))
    lines += [StoryLine(note.at, _("Note: {text}").format(text=note.text), note.by) for note in alarm.notes]
    if alarm.owner is not None:
        lines.append(StoryLine(alarm.owner.at, _("“I have it”"), owner_text(alarm.owner)))
    if alarm.escalation is not None:
        told = _("Brought to {role}, step {step}, turn {turn}").format(
            role=(names or Names()).role(alarm.escalation.role), step=alarm.escalation.step, turn=alarm.escalation.turn
        )
        lines.append(StoryLine(alarm.escalation.at, told, _("/").join(alarm.escalation.officers)))
    if alarm.aside is not None:
        lines.append(StoryLine(alarm.aside.at, f"{aside_word(alarm.aside.kind)}: {alarm.aside.reason}", alarm.aside.by))
    if alarm.state is AlarmState.NORMAL:
        lines.append(StoryLine(alarm.changed_at, _("Normal again")))
    # The source's clock may be wrong, so its time never decides the order of what follows.
    return lines[:1] + sorted(lines[1:], key=lambda line: line.at)


def limit_text(limit: Limit, unit: str) -> str:
    """A limit in words: 红色 Ⅰ级 ≥ 60 cm."""
    bounds = []
    if limit.above is not None:
        bounds.append(f"≥ {limit.above:g} {unit}".rstrip())
    if limit.below is not None:
        bounds.append(f"≤ {limit.below:g} {unit}".rstrip())
    return f"{severity_word(limit.severity)} {' / '.join(bounds)}"
