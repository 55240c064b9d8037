"""Words for what the limits said: alarms and clearances as any source would hand them in.

Titles and texts are data of the district and stand in Chinese, whatever the language of the seats.
"""

from collections.abc import Mapping
from types import MappingProxyType

from controlroom.domain.alarm_names import limit_key
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Transition
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import from_ms
from controlroom.wire.messages import AlarmRecord, ClearRecord

_COLOURS = {Severity.RED: "红色", Severity.ORANGE: "橙色", Severity.YELLOW: "黄色", Severity.BLUE: "蓝色"}
_NO_KINDS: Mapping[str, SensorKind] = MappingProxyType({})
_TITLE_LENGTH = 400
_TEXT_LENGTH = 4000


def record_of(
    sensor: Sensor, transition: Transition, kinds: Mapping[str, SensorKind] = _NO_KINDS
) -> AlarmRecord | ClearRecord:
    """The record of a transition of this sensor; `kinds` adds the name, decimals and source of its kind."""
    if transition.severity is None:
        return ClearRecord(key=limit_key(sensor.id), occurred_at=from_ms(transition.time_ms))
    kind = kinds.get(sensor.kind)
    limit = _limit_text(transition.limit)
    decimals = max(kind.decimals if kind else 0, len(limit.partition(".")[2]))
    unit = f" {sensor.unit}" if sensor.unit else ""
    said = f"{transition.value:.{decimals}f}{unit} {_verb(transition)}{_COLOURS[transition.severity]}限值 {limit}{unit}"
    text = f"{sensor.name}读数 {said}。" + (f"限值依据：{kind.source}。" if kind and kind.source else "")
    return AlarmRecord(
        key=limit_key(sensor.id),
        severity=transition.severity,
        title=f"{kind.name if kind else sensor.name} {said}"[:_TITLE_LENGTH],
        occurred_at=from_ms(transition.time_ms),
        kind=sensor.kind,
        text=text[:_TEXT_LENGTH],
        place=place_of(sensor)[:_TITLE_LENGTH],
        point=sensor.point,
        sensor=sensor.id,
        department=sensor.department,
    )


def place_of(sensor: Sensor) -> str:
    """Town and name; the name alone when it begins with the town's, as the names of a district mostly do."""
    town = sensor.town.partition("(")[0].partition("（")[0]
    return sensor.name if town and sensor.name.startswith(town) else f"{sensor.town} {sensor.name}".strip()


def _verb(transition: Transition) -> str:
    if transition.previous and transition.severity and transition.previous < transition.severity:
        return "缓解至"
    return "达到" if transition.above else "降至"


def _limit_text(limit: float) -> str:
    """A limit as it was declared, although it was kept as a 32-bit number."""
    return f"{float(f'{limit:.6g}'):.6f}".rstrip("0").rstrip(".")
