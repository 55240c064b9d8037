"""Words for what the rules beside the limits found: which rule, and the evidence.

Titles and texts are data of the district and stand in Chinese, whatever the language of the seats.
"""

import math
from collections.abc import Mapping

from controlroom.domain.kinds import SensorKind
from controlroom.domain.rule_table import Finding
from controlroom.domain.sensor import Sensor
from controlroom.domain.sensor_rules import Rule
from controlroom.domain.severity import Severity
from controlroom.domain.times import from_ms
from controlroom.hub.rules import place_of
from controlroom.wire.messages import AlarmRecord, ClearRecord

RULE_NAMES: Mapping[Rule, str] = {
    Rule.RATE: "变化过快",
    Rule.STUCK: "读数不变",
    Rule.DEVIATION: "偏离相邻测点",
    Rule.RANGE: "超出量程",
    Rule.STALE: "失联",
    Rule.FORECAST: "趋势预测",
}
_TITLE_LENGTH = 400


def rule_key(rule: Rule, sensor: str) -> str:
    """The alarm key of a rule of a sensor."""
    return f"{rule.value}/{sensor}"


def finding_record(
    sensor: Sensor, finding: Finding, severity: Severity, kinds: Mapping[str, SensorKind]
) -> AlarmRecord | ClearRecord:
    """The record of what a rule found at this sensor."""
    key = rule_key(finding.rule, sensor.id)
    # What is over was seen to be over by the hub; a device that is silent has no time of its own for it.
    at = from_ms(max(finding.time_ms, 1))
    if not finding.begins:
        return ClearRecord(key=key, occurred_at=at)
    kind = kinds.get(sensor.kind)
    name = kind.name if kind else sensor.name
    said = _SAID[finding.rule](sensor, finding, kind)
    mark = "预测：" if finding.rule is Rule.FORECAST else ""
    return AlarmRecord(
        key=key,
        severity=severity,
        title=f"{mark}{name} {RULE_NAMES[finding.rule]}：{said}"[:_TITLE_LENGTH],
        occurred_at=at,
        kind=sensor.kind,
        text=f"{sensor.name}。规则：{RULE_NAMES[finding.rule]}。依据：{said}。{_ADVICE[finding.rule]}"[:4000],
        place=place_of(sensor)[:_TITLE_LENGTH],
        point=sensor.point,
        sensor=sensor.id,
        department=sensor.department,
    )


def _rate(sensor: Sensor, found: Finding, kind: SensorKind | None) -> str:
    moved = "上升" if found.value >= found.reference else "下降"
    change = _number(abs(found.value - found.reference), sensor, kind)
    values = f"{_number(found.reference, sensor, kind)} → {_number(found.value, sensor, kind)}"
    return f"{span(found.span_s)}内{moved} {change}（{values}）"


def _stuck(sensor: Sensor, found: Finding, kind: SensorKind | None) -> str:
    return f"{span(found.span_s)}内读数一直为 {_number(found.value, sensor, kind)}，仍在上报"


def _deviation(sensor: Sensor, found: Finding, kind: SensorKind | None) -> str:
    middle, spread = _number(found.reference, sensor, kind), _number(found.spread, sensor, kind)
    own = _number(found.value, sensor, kind)
    return f"本点 {own}，相邻 {found.count} 个同类测点中位数 {middle}（离散 {spread}）"


def _range(sensor: Sensor, found: Finding, kind: SensorKind | None) -> str:
    low = math.isfinite(found.reference) and found.value < found.reference
    edge = _number(found.reference, sensor, kind)
    return f"读数 {_number(found.value, sensor, kind)} {'低于下限' if low else '高于上限'} {edge}"


def _stale(_sensor: Sensor, found: Finding, _kind: SensorKind | None) -> str:
    return f"已 {span(found.span_s)} 没有读数"


def _forecast(sensor: Sensor, found: Finding, kind: SensorKind | None) -> str:
    pace = _number(found.spread * 3600.0, sensor, kind)
    sign = "+" if found.spread > 0 else ""
    limit = _number(found.reference, sensor, kind)
    minutes, off = found.span_s / 60.0, found.error_s / 60.0
    return f"按当前趋势（每小时 {sign}{pace}），约 {minutes:.0f}±{max(off, 1.0):.0f} 分钟后达到限值 {limit}"


_SAID = {
    Rule.RATE: _rate,
    Rule.STUCK: _stuck,
    Rule.DEVIATION: _deviation,
    Rule.RANGE: _range,
    Rule.STALE: _stale,
    Rule.FORECAST: _forecast,
}
_ADVICE = {
    Rule.RATE: "请核对现场或视频。",
    Rule.STUCK: "设备可能卡滞，读数不宜作为依据。",
    Rule.DEVIATION: "可能是本测点异常，而不是区域异常。",
    Rule.RANGE: "该读数已标记为不可信，不参与限值判断。",
    Rule.STALE: "请检查设备与网络。",
    Rule.FORECAST: "预测不是观测结果，仅供提前准备。",
}


def span(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 120:
        return f"{seconds:.0f} 秒"
    if seconds < 7200:
        return f"{seconds / 60:.0f} 分钟"
    return f"{seconds / 3600:.0f} 小时" if seconds < 172_800 else f"{seconds / 86_400:.0f} 天"


def _number(value: float, sensor: Sensor, kind: SensorKind | None) -> str:
    if not math.isfinite(value):
        return "—"
    unit = f" {sensor.unit}" if sensor.unit else ""
    return f"{value:.{kind.decimals if kind else 1}f}{unit}"
