"""The sensor of an alarm: its newest value with its age, and its limits."""

from datetime import datetime

from PySide6.QtWidgets import QVBoxLayout, QWidget

from controlroom.bridge.models.alarm_story import SensorNow, limit_text
from controlroom.bridge.wording import age_text
from controlroom.i18n import _
from widgets.text_rows import plain_label


class AlarmSensor(QWidget):
    """Hidden while there is no sensor."""

    def __init__(self) -> None:
        super().__init__()
        self._name = plain_label()
        self._value = plain_label(bold=True, size_px=22)
        self._limits = plain_label()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for label in (plain_label(_("Sensor"), bold=True), self._name, self._value, self._limits):
            column.addWidget(label)

    def show_sensor(self, sensor: SensorNow | None, now: datetime) -> None:
        """Show a sensor as it is now."""
        self.setVisible(sensor is not None)
        if sensor is None:
            return
        self._name.setText(sensor.sensor.name)
        age_s = sensor.age_s(now)
        if sensor.value is None or age_s is None:
            self._value.setText(_("no value yet"))
        else:
            value = f"{sensor.value:.4g} {sensor.sensor.unit}".rstrip()
            words = _("{value} · {age}, stale") if sensor.stale(now) else _("{value} · {age}")
            self._value.setText(words.format(value=value, age=age_text(age_s)))
        self._value.setEnabled(not sensor.stale(now))
        limits = sorted(sensor.sensor.limits, key=lambda limit: limit.severity)
        told = "   ".join(limit_text(limit, sensor.sensor.unit) for limit in limits)
        self._limits.setToolTip(sensor.origin)
        self._limits.setText(told or _("No limits are declared"))
