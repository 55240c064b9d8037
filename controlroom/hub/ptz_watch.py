"""Leases of cameras that are over, cameras that go back by themselves, patrols, and rules that move cameras."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from controlroom.domain import ptz_lease
from controlroom.domain.alarm import Alarm
from controlroom.domain.events import Event, PtzActed, PtzLeaseChanged, PtzRuleChanged
from controlroom.domain.ptz import Ability, Pose, PtzAct, PtzDeed, PtzLease, PtzUnit
from controlroom.domain.ptz_aim import facing, reaches
from controlroom.domain.ptz_rules import HOME, PtzBook, PtzRule, met
from controlroom.domain.room import Room
from controlroom.hub.ptz_commands import let_go
from controlroom.hub.times import BEIJING

ARRIVING = timedelta(seconds=4)
"""A seat that the hub has not heard yet may hold a camera for so long."""
NO_BOOK = PtzBook()


@dataclass(slots=True)
class _Going:
    """A rule that holds: which camera it moves, for which alarm, and when its conditions held last."""

    camera: str
    alarm: str
    met_at: datetime
    is_sent: bool = False
    is_withheld: bool = False


class PtzWatch:
    """Remembers movements that nobody writes down. Times are the hub's. One thread owns an instance."""

    def __init__(self, room: Room, book: PtzBook = NO_BOOK) -> None:
        self._room = room
        self._shipped = book.rule
        self.figures = book.figures
        self.used: dict[str, datetime] = {}
        """When each camera was moved last, by its holder."""
        self.steps: list[tuple[str, str]] = []
        """(camera, preset): where patrols go next; whoever sends orders empties it."""
        self._stops: dict[str, tuple[datetime, int]] = {}
        self._free_since: dict[str, datetime] = {}
        self._going: dict[str, _Going] = {}

    def recall(self, now: datetime) -> None:
        """Take up after a restart what the room tells: rules that moved cameras, cameras that nobody sent back."""
        for act in self._room.ptz.acts.values():
            rule = self._room.ptz.rules.get(act.rule)
            if rule is not None and act.moves and act.deed is not PtzDeed.HOME and act.preset != rule.back:
                self._going[rule.id] = _Going(act.camera, "", now, is_sent=True)
            elif not act.rule and act.moves and act.deed is not PtzDeed.GUARD:
                self._free_since[act.camera] = now

    def moved(self, lease: PtzLease, now: datetime) -> None:
        """The holder moved the camera."""
        self.used[lease.camera] = now

    def look(self, now: datetime) -> list[Event]:
        """What changes by itself; call about once a second."""
        room = self._room
        events: list[Event] = [PtzRuleChanged(rule) for rule in self._shipped if rule.id not in room.ptz.rules]
        self._shipped = ()
        for lease in room.ptz.leases.values():
            events += [PtzLeaseChanged(after) for after in self._after(lease, now)]
        for camera in self.used.keys() - room.ptz.leases.keys():
            del self.used[camera]
        self._patrol(now)
        events += self._guards(now)
        for rule in room.ptz.rules.values():
            events += self._rule(rule, now)
        for identity in self._going.keys() - room.ptz.rules.keys():
            del self._going[identity]
        return events

    # ------------------------------------------------------------ leases

    def _after(self, lease: PtzLease, now: datetime) -> list[PtzLease]:
        present = set(self._room.seats)
        if now - lease.since < ARRIVING:
            present.add(lease.seat)
        after = ptz_lease.due(lease, self.used.get(lease.camera, lease.used_at), present, now, self.figures)
        if after is lease:
            return []
        if after.ended is None:
            return [after]
        return let_go(self._room, lease, after.ended, now, self.figures)

    def _patrol(self, now: datetime) -> None:
        running = {lease.camera: lease for lease in self._room.ptz.leases.values() if lease.patrol is not None}
        for camera in self._stops.keys() - running.keys():
            del self._stops[camera]
        for camera, lease in running.items():
            patrol = lease.patrol
            assert patrol is not None
            count = max(0, int((now - patrol.at).total_seconds() // patrol.dwell_s))
            if self._stops.get(camera) != (patrol.at, count):
                self._stops[camera] = patrol.at, count
                self.steps.append((camera, patrol.presets[count % len(patrol.presets)]))

    # ------------------------------------------------------------ guard

    def _guards(self, now: datetime) -> list[Event]:
        events: list[Event] = []
        for unit in self._room.ptz.units.values():
            camera = unit.camera
            act = self._room.ptz.acts.get(camera)
            if camera in self._room.ptz.leases or act is None:
                self._free_since.pop(camera, None)
                continue
            if not unit.guard or act.rule or not act.moves:
                continue
            since = self._free_since.setdefault(camera, now)
            if now - since >= timedelta(seconds=unit.guard_after_s):
                events.append(PtzActed(_sent(unit, PtzDeed.GUARD, unit.guard, now, "guard")))
        return events

    # ------------------------------------------------------------ rules

    def _rule(self, rule: PtzRule, now: datetime) -> list[Event]:
        holds, alarm = met(rule, self._room.alarms.values(), now, BEIJING)
        going = self._going.get(rule.id)
        if not holds:
            return [] if going is None else self._over(rule, going, now)
        if going is None or (not rule.camera and alarm is not None and alarm.id != going.alarm):
            camera = rule.camera or self._nearest(alarm)
            if not camera:
                return []
            going = self._going[rule.id] = _Going(camera, "" if alarm is None else alarm.id, now)
        going.met_at = now
        if going.is_sent:
            return []
        unit = self._room.ptz.units.get(going.camera) or PtzUnit(camera=going.camera)
        if going.camera in self._room.ptz.leases:
            if going.is_withheld:
                return []
            going.is_withheld = True
            act = PtzAct(camera=going.camera, deed=PtzDeed.WITHHELD, at=now, rule=rule.id, name=rule.name)
            return [PtzActed(act)]
        going.is_sent = True
        if rule.camera:
            return [PtzActed(_sent(unit, PtzDeed.WENT, rule.preset, now, rule.id))]
        pose = None if alarm is None else self._aim(unit, alarm)
        if pose is None:
            return []
        turned = PtzAct(camera=unit.camera, deed=PtzDeed.TURNED, at=now, rule=rule.id, name=rule.name, pose=pose)
        return [PtzActed(turned)]

    def _over(self, rule: PtzRule, going: _Going, now: datetime) -> list[Event]:
        """The rule holds no longer: after its time the camera goes back, unless somebody has it."""
        if rule.enabled and now - going.met_at < timedelta(seconds=rule.hold_s):
            return []
        del self._going[rule.id]
        if not going.is_sent or not rule.back or going.camera in self._room.ptz.leases:
            return []
        unit = self._room.ptz.units.get(going.camera) or PtzUnit(camera=going.camera)
        return [PtzActed(_sent(unit, PtzDeed.WENT, rule.back, now, rule.id))]

    def _nearest(self, alarm: Alarm | None) -> str:
        """The nearest camera that can turn to an alarm and that nobody holds; else the nearest of all that can."""
        if alarm is None or alarm.point is None:
            return ""
        found = []
        for unit in self._room.ptz.units.values():
            camera = self._room.cameras.get(unit.camera)
            if camera is None or not camera.ptz or not unit.can(Ability.ABSOLUTE) or unit.trouble:
                continue
            distance = reaches(camera, alarm.point)
            if distance is not None:
                found.append((unit.camera in self._room.ptz.leases, distance, unit.camera))
        return min(found)[2] if found else ""

    def _aim(self, unit: PtzUnit, alarm: Alarm) -> Pose | None:
        camera = self._room.cameras.get(unit.camera)
        return None if camera is None or alarm.point is None else facing(camera, alarm.point, unit.zoom_most)


def _sent(unit: PtzUnit, deed: PtzDeed, preset: str, now: datetime, rule: str) -> PtzAct:
    """A camera that goes to a preset or home by a rule."""
    if preset == HOME:
        deed = PtzDeed.HOME if deed is PtzDeed.WENT else deed
    name = next((each.name for each in unit.presets if each.token == preset), "")
    return PtzAct(camera=unit.camera, deed=deed, at=now, rule=rule, preset=preset, name=name)
