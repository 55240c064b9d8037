"""The part of a room's state that steerable cameras are."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from controlroom.domain.events import Event, PresetPictured, PtzActed, PtzLeaseChanged, PtzRuleChanged, PtzUnitChanged
from controlroom.domain.ptz import PresetPicture, PtzAct, PtzLease, PtzUnit
from controlroom.domain.ptz_rules import PtzRule

STEERED = timedelta(seconds=660)
"""After a movement a changed picture is nobody's mischief until the diagnosis has learnt the new view (600 s)."""

PtzEvent = PtzUnitChanged | PtzLeaseChanged | PtzActed | PtzRuleChanged | PresetPictured


class PtzState:
    """Folds events about steerable cameras: `leases` holds those in force, `acts` the last of each camera.

    `pictures` are by `picture_key`.
    """

    def __init__(self) -> None:
        self.units: dict[str, PtzUnit] = {}
        self.leases: dict[str, PtzLease] = {}
        self.acts: dict[str, PtzAct] = {}
        self.rules: dict[str, PtzRule] = {}
        self.pictures: dict[str, PresetPicture] = {}
        self.fold: dict[type, Callable[[Any], None]] = {
            PtzUnitChanged: self._unit,
            PtzLeaseChanged: self._lease,
            PtzActed: self._act,
            PtzRuleChanged: self._rule,
            PresetPictured: self._picture,
        }

    @property
    def tables(self) -> tuple[dict[str, Any], ...]:
        """Everything, in a fixed order, for the room's digest."""
        return self.units, self.leases, self.acts, self.rules, self.pictures

    def is_steered(self, camera: str, now: datetime) -> bool:
        """Whether a camera looks elsewhere because somebody, or a rule, was allowed to turn it there."""
        act = self.acts.get(camera)
        return camera in self.leases or (act is not None and act.moves and now - act.at < STEERED)

    def snapshot(self) -> Iterator[Event]:
        """The events that rebuild this state."""
        for unit in self.units.values():
            yield PtzUnitChanged(unit)
        for lease in self.leases.values():
            yield PtzLeaseChanged(lease)
        for act in self.acts.values():
            yield PtzActed(act)
        for rule in self.rules.values():
            yield PtzRuleChanged(rule)
        for picture in self.pictures.values():
            yield PresetPictured(picture)

    def _unit(self, event: PtzUnitChanged) -> None:
        self.units[event.unit.camera] = event.unit

    def _lease(self, event: PtzLeaseChanged) -> None:
        if event.lease.ended is None:
            self.leases[event.lease.camera] = event.lease
        else:
            self.leases.pop(event.lease.camera, None)

    def _act(self, event: PtzActed) -> None:
        self.acts[event.act.camera] = event.act

    def _rule(self, event: PtzRuleChanged) -> None:
        if event.rule.removed:
            self.rules.pop(event.rule.id, None)
        else:
            self.rules[event.rule.id] = event.rule

    def _picture(self, event: PresetPictured) -> None:
        key = picture_key(event.picture.camera, event.picture.name)
        if event.picture.picture:
            self.pictures[key] = event.picture
        else:
            self.pictures.pop(key, None)


def picture_key(camera: str, name: str) -> str:
    """Under what the picture of a preset is found; a camera that lists its presets names a new one only later."""
    return f"{camera}\n{name}"


def kept_as(event: PtzEvent) -> tuple[str, str]:
    """The kind and the subject under which the journal keeps an event."""
    match event:
        case PtzUnitChanged(unit=unit):
            return "ptz_unit", unit.camera
        case PtzLeaseChanged(lease=lease):
            return "ptz_lease", lease.camera
        case PtzActed(act=act):
            return "ptz_act", act.camera
        case PtzRuleChanged(rule=rule):
            return "ptz_rule", rule.id
        case PresetPictured(picture=picture):
            return "preset_picture", picture.camera
