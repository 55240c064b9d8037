"""Questions to the map, connected: what can be asked about, the worker, and the answers on every map of the seat."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from controlroom.bridge.answer_run import AnswerRun
from controlroom.bridge.asset_wording import kind_words
from controlroom.domain.alarm import AlarmState
from controlroom.domain.asset import AssetKind
from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness, LimitTable
from controlroom.domain.place import Point
from controlroom.domain.readings import Latest
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import from_ms, to_ms
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _, language
from controlroom.mapping.analysis.answer import Answer, Asked, Things, Zone
from controlroom.mapping.analysis.offers import BLIND, OFFERS
from controlroom.mapping.analysis.published import body_of
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.exposure import Exposed
from controlroom.shell.actions import Actions
from controlroom.wire.fences import SetFence
from controlroom.wire.graphics import PublishAnswer, WithdrawAnswer
from controlroom.wiring.all_round import AllRound
from controlroom.wiring.answer_things import assets_of, columns, filed, filed_words, plain
from controlroom.wiring.blind import BlindWatch
from controlroom.wiring.dispatch import Dispatch
from controlroom.wiring.feature_zones import FEATURE, FeatureZones
from controlroom.wiring.room_layers import FENCES, fence_layer, published_layer
from controlroom.wiring.seat import Seat
from resources import path
from widgets.answer_dialog import AnswerDialog, Choice, Corners, Wanted

FENCE = "fence/"
ANSWER = "answer/"
SENSORS = "sensors/"
ASSETS = "assets/"
FILED = "filed/"


class MapAnswers(QObject):
    """Opens the dialog and works on what it asks. `close` ends the worker's thread."""

    def __init__(
        self, seat: Seat, actions: Actions, active: Callable[[], QWidget | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._active = active
        self._seat = seat
        self._run = AnswerRun()
        self._answers: dict[str, Answer] = {}
        self._shared: dict[str, Answer] = {}
        """What seats show to all, as layers."""
        seat.pump.published_changed.connect(self._published)
        seat.pump.room_reset.connect(self._published)
        self.blind = BlindWatch(seat, self)
        self.dispatch = Dispatch(seat, actions, self)
        self.all_round = AllRound(seat, actions, active, self)
        self.features = FeatureZones(seat, self)
        self.features.taken.connect(self._taken)
        self.features.asked.connect(self._ask_area)
        self.features.round_wanted.connect(self.all_round.ask)
        self.dialog: AnswerDialog | None = None
        self._published()
        seat.requests.place_chosen.connect(self._place)
        seat.requests.question_wanted.connect(self._near)
        seat.requests.measure_wanted.connect(self._measure)
        seat.pump.fences_changed.connect(self._fences)
        seat.pump.room_reset.connect(self._fences)
        self._fences()
        actions.add(
            "map_answers",
            _("Questions to the map"),
            self._open,
            shortcuts=("Ctrl+Shift+Q",),
            help=_("Buffer, overlay, density, interpolation, clusters, thematic maps, nearest, measure, fences"),
        )
        for offer in OFFERS:
            if offer.id != BLIND:
                ask = partial(self._preset, offer.id)
                actions.add(f"map_ask_{offer.id}", _(offer.title), ask, group=_("Questions to the map"))
        actions.add(
            "blind_spots",
            _("What no camera sees"),
            self._ask_blind,
            help=_("Shares by town, the blind ground as a layer, and important places that nobody sees"),
        )

    def show(self, parent: QWidget | None) -> AnswerDialog:
        """Open the dialog, or bring it to the front with what can be asked now."""
        if self.dialog is None:
            self.dialog = AnswerDialog(self, self._seat.tasks.spawn, parent=parent)
            self.dialog.destroyed.connect(self._forget)
            self.dialog.dispatches = self.dispatch.offers
            self.dialog.feature.clicked.connect(self._pick_area)
            self.dialog.refresh()
        else:
            self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        return self.dialog

    def close(self) -> None:
        """End the worker; what runs then leaves nothing."""
        if self.dialog is not None:
            self.dialog.cancel()
        self.all_round.close()
        self._run.close()

    # ---------------------------------------------------------------- what the dialog asks

    def things(self) -> Sequence[Choice]:
        """Sensors by kind, cameras, vehicles, alarms."""
        room = self._seat.pump.room
        held = {sensor.kind for sensor in room.sensors.values()}
        kinds = [Choice(f"{SENSORS}{key}", self._kind_name(key), True) for key in sorted(held)]
        return (
            Choice("sensors", _("All sensors")),
            *kinds,
            Choice("cameras", _("Cameras")),
            *(Choice(f"{ASSETS}{kind}", kind_words(kind)) for kind in AssetKind if self._has(kind)),
            *(Choice(f"{FILED}{kind}", words) for kind, words in filed_words().items()),
            Choice("vehicles", _("Vehicles")),
            Choice("alarms", _("Alarms")),
        )

    def zones(self) -> Sequence[Choice]:
        """The district, its towns, fences, drawn corners and earlier answers that have areas."""
        fences = self._seat.pump.room.fences.values()
        return (
            Choice("outline", _("The district")),
            Choice("cells", _("Towns (schematic cells)")),
            Choice("corners", _("The corners below")),
            *(Choice(f"{FENCE}{f.id}", _("Fence: {name}").format(name=f.name)) for f in fences),
            *(Choice(key, title) for key, title in self.features.choices()),
            *(Choice(f"{ANSWER}{a.spec.id}", a.spec.title) for a in self.answers() if a.spec.geojson),
        )

    async def ask(self, wanted: Wanted, progressed: Callable[[float], None]) -> Answer:
        """Work on it and put the answer on the maps. Raises EnvironmentFault."""
        answer = await self._run.ask(wanted.offer, self._load(wanted), progressed)
        self._keep_blind(wanted, answer)
        self._answers[answer.spec.id] = answer
        self._seat.layers[answer.spec.id] = (answer.spec, list(answer.points))
        self._seat.layers_made[answer.spec.id] = answer.made_at
        self._seat.requests.layer_changed.emit(answer.spec.id)
        return answer

    async def fence(self, name: str, corners: Corners) -> None:
        """Draw a fence. Raises CommandRefused or EnvironmentFault."""
        try:
            ring = msgspec.convert(corners, tuple[Point, ...])
        except msgspec.ValidationError as error:
            raise EnvironmentFault(_("A corner lies outside the world. Correct it.")) from error
        await self._seat.commands.send(SetFence(name=name, ring=ring))

    def answers(self) -> Sequence[Answer]:
        """What is on the maps, the newest last."""
        return (*self._shared.values(), *self._answers.values())

    async def publish(self, identity: str) -> None:
        """Show an answer to all seats. Raises CommandRefused or EnvironmentFault."""
        answer = self._answers.get(identity)
        if answer is not None:
            await self._seat.commands.send(PublishAnswer(answer=body_of(answer)))
            self.remove(identity)

    def remove(self, identity: str) -> None:
        """Take an answer off the maps; one that all seats see off all of them."""
        if identity in self._shared:
            self._seat.send(WithdrawAnswer(answer=identity))
            return
        self._answers.pop(identity, None)
        self.blind.forget(identity)
        self._seat.layers.pop(identity, None)
        self._seat.layers_made.pop(identity, None)
        self._seat.requests.layer_removed.emit(identity)

    def write(self, path: Path, text: str) -> None:
        """Write a file that spreadsheets take for UTF-8. Raises EnvironmentFault."""
        try:
            path.write_text(text, encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8", newline="")
        except OSError as error:
            raise EnvironmentFault(
                _("The answer cannot be written to {path}: {error}").format(path=path, error=error.strerror)
            ) from error

    # ---------------------------------------------------------------- inside

    def _open(self) -> None:
        self.show(self._active())

    def _pick_area(self) -> None:
        self.features.open(self.dialog)

    def _taken(self, key: str) -> None:
        """An area of a layer was chosen in the dialog."""
        if self.dialog is not None:
            self.dialog.refresh()
            self.dialog.ask(str(self.dialog.method.currentData()), zone=key)

    def _ask_area(self, method: str, key: str) -> None:
        """The menu of a place asks about the area of a layer there."""
        place = self.features.place(key)
        corners = (place,) if method == "nearest" and place is not None else ()
        self.show(self._active()).ask(method, zone=key, corners=corners)

    def _preset(self, method: str) -> None:
        self.show(self._active()).ask(method)

    def _near(self, lon: float, lat: float) -> None:
        """The menu of a place asks what is nearest to it, which is answered at once."""
        who = f"{ASSETS}{AssetKind.TEAM}" if self._has(AssetKind.TEAM) else "vehicles"
        self.show(self._active()).ask("nearest", who, corners=((lon, lat),), at_once=True)

    def _has(self, kind: AssetKind) -> bool:
        return any(asset.kind is kind for asset in self._seat.pump.room.assets.values())

    def _measure(self, lon: float, lat: float) -> None:
        """The menu of a place measures from there; clicks on the map add corners."""
        dialog = self.show(self._active())
        dialog.ask("measure", corners=((lon, lat),))
        dialog.from_map.setChecked(True)

    def _published(self) -> None:
        """What seats show to all, as layers that say who showed it when."""
        held = self._seat.pump.room.published
        for gone in self._shared.keys() - held.keys():
            del self._shared[gone]
            self._seat.layers.pop(gone, None)
            self._seat.requests.layer_removed.emit(gone)
        for identity, published in held.items():
            if identity in self._shared:
                continue
            answer = self._shared[identity] = published_layer(published)
            self._seat.layers[identity] = (answer.spec, list(answer.points))
            self._seat.requests.layer_changed.emit(identity)
        if self.dialog is not None:
            self.dialog.refresh()

    def _fences(self) -> None:
        """Draw all fences anew on every map; none of them is no layer."""
        fences = list(self._seat.pump.room.fences.values())
        if FENCES in self._seat.layers:
            del self._seat.layers[FENCES]
            self._seat.requests.layer_removed.emit(FENCES)
        if fences:
            self._seat.layers[FENCES] = fence_layer(fences)
            self._seat.requests.layer_changed.emit(FENCES)

    def _keep_blind(self, wanted: Wanted, answer: Answer) -> None:
        """What no camera sees is watched; made anew it takes the place of the one of the same area."""
        if wanted.offer.id != BLIND:
            return
        for old in self.blind.of_area(wanted.zone):
            self.remove(old)
        self.blind.watch(answer.spec, wanted.zone)

    def _ask_blind(self) -> None:
        self._seat.directory.open()
        self.show(self._active()).ask(BLIND)

    def _forget(self) -> None:
        self.dialog = None

    def _place(self, lon: float, lat: float) -> None:
        if self.dialog is not None:
            self.dialog.add_corner(lon, lat)

    def _kind_name(self, key: str) -> str:
        kind = self._seat.kinds.get(key)
        return key if kind is None else kind.name if language() == "zh_CN" else kind.name_en

    def _load(self, wanted: Wanted) -> Callable[[], Asked]:
        """What the worker needs, taken from the room now and made into columns there."""
        seat, needs = self._seat, wanted.offer.needs
        things = self._things(wanted.things) if {"things"} & needs or wanted.offer.id == "overlay" else None
        zone = self._zone(wanted.zone, wanted.corners) if "zone" in needs else None
        other = self._zone(wanted.other, wanted.corners) if "other" in needs else None
        author, now = seat.commands.officer, seat.clock.now()
        roads = wanted.offer.id == "nearest"
        cameras = seat.directory.catalogue.columns if "cameras" in needs else None
        important = self._important() if "cameras" in needs else ()
        if "cameras" in needs and zone is None:
            zone = self._zone("outline", ())
        towns = self._zone("cells", ()) if "cameras" in needs else None

        def load() -> Asked:
            return Asked(
                method=wanted.offer.id,
                numbers=wanted.numbers,
                choices=wanted.choices,
                things=None if things is None else things(),
                zone=zone() if zone else None,
                other=other() if other else None,
                roads=_roads() if roads else (),
                corners=wanted.corners if {"place", "corners"} & needs else (),
                author=author,
                made_at=now,
                cameras=cameras,
                towns=towns() if towns else None,
                important=tuple(made() for made in important),
            )

        return load

    def _important(self) -> tuple[Callable[[], Things], ...]:
        """Hazard sources, schools and hospitals: round them it matters who sees."""
        hazards = (self._things(f"{ASSETS}{AssetKind.HAZARD}"),) if self._has(AssetKind.HAZARD) else ()
        return (*hazards, *(self._things(f"{FILED}{kind}") for kind in filed_words()))

    def _things(self, key: str) -> Callable[[], Things]:
        room, pump = self._seat.pump.room, self._seat.pump
        now = self._seat.clock.now()
        if key == "sensors" or key.startswith(SENSORS):
            kind = key.removeprefix(SENSORS) if key.startswith(SENSORS) else ""
            sensors = list(room.sensors.values())
            index, latest, now_ms = dict(room.sensor_index), deepcopy(pump.latest), to_ms(now)
            title = self._kind_name(kind) if kind else _("All sensors")
            return lambda: _sensors(title, sensors, kind, index, latest, now_ms, self._seat.kinds.get(kind))
        if key == "cameras":
            rows = [(c.id, c.name, c.point) for c in room.cameras.values()]
            return lambda: plain(_("Cameras"), rows, now)
        if key.startswith(ASSETS):
            chosen = [asset for asset in room.assets.values() if asset.kind == key.removeprefix(ASSETS)]
            return lambda: assets_of(chosen, now)
        if key.startswith(FILED):
            return lambda: filed(Exposed(key.removeprefix(FILED)), self._seat.exposure_folders)
        if key == "vehicles":
            held = pump.positions
            known = [(v, i) for v, i in room.vehicle_index.items() if i < len(held.time_ms) and held.time_ms[i]]
            units = [(v, room.vehicles[v].name, Point(float(held.lon[i]), float(held.lat[i]))) for v, i in known]
            newest = max((int(held.time_ms[i]) for _v, i in known), default=0)
            return lambda: plain(_("Vehicles"), units, from_ms(newest) if newest else None)
        alarms = [
            (a.id, a.title, a.point or (room.sensors[a.sensor].point if a.sensor in room.sensors else None))
            for a in room.alarms.values()
            if a.state is not AlarmState.NORMAL
        ]
        return lambda: plain(_("Alarms"), alarms, now)

    def _zone(self, key: str, corners: Corners) -> Callable[[], Zone] | None:
        if key in ("outline", "cells"):
            title = _("The district") if key == "outline" else _("Towns (schematic cells)")
            return lambda: Zone(title, _features(path("district", f"{key}.geojson").read_bytes()), key == "cells")
        if key == "corners":
            ring = [[lon, lat] for lon, lat in corners]
            shape = {"type": "Polygon", "coordinates": [[*ring, *ring[:1]]]}
            return lambda: Zone(_("The corners below"), [(_("The corners below"), shape)])
        if key.startswith(FEATURE):
            return self.features.zone(key)
        fence = self._seat.pump.room.fences.get(key.removeprefix(FENCE))
        if fence is not None:
            border = [[p.lon, p.lat] for p in (*fence.ring, fence.ring[0])]
            return lambda: Zone(fence.name, [(fence.name, {"type": "Polygon", "coordinates": [border]})])
        answer = next((a for a in self.answers() if a.spec.id == key.removeprefix(ANSWER)), None)
        if answer is not None:
            return lambda: Zone(answer.spec.title, _features(answer.spec.geojson.encode()))
        return None


def _features(document: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The areas of a FeatureCollection with their names."""
    return [
        (str(f["properties"].get("name", "")), f["geometry"])
        for f in msgspec.json.decode(document)["features"]
        if f["geometry"]["type"].endswith("Polygon")
    ]


def _roads() -> list[Floats]:
    lines = []
    for feature in msgspec.json.decode(path("district", "roads.geojson").read_bytes())["features"]:
        if feature["geometry"]["type"] == "LineString":
            lines.append(np.asarray(feature["geometry"]["coordinates"], np.float64))
    return lines


def _sensors(
    title: str,
    sensors: Sequence[Sensor],
    kind: str,
    index: dict[str, int],
    latest: Latest,
    now_ms: int,
    known: SensorKind | None,
) -> Things:
    """Sensors with the values that can be believed now; of all kinds together there are none: they are not mixed."""
    chosen = [s for s in sensors if not kind or s.kind == kind]
    rows = np.array([index[s.id] for s in chosen], np.int64)
    read, doubtful = np.full(len(chosen), np.nan), 0
    there = rows < latest.size
    if kind and there.any():
        fresh = LimitTable.from_sensors(chosen, rows.tolist()).freshness(latest, now_ms)[rows]
        live = there & (fresh == Freshness.LIVE)
        read[live] = latest.value[rows[live]]
        doubtful = int(np.count_nonzero(there & (fresh != Freshness.LIVE) & (fresh != Freshness.NEVER)))
    newest = int(latest.time_ms[rows[there]].max()) if there.any() else 0
    lon, lat = columns([s.point for s in chosen])
    limits = tuple(limit.above for limit in (known.limits if known else ()) if limit.above is not None)
    limits += tuple(limit.below for limit in (known.limits if known else ()) if limit.below is not None)
    return Things(
        title,
        [s.id for s in chosen],
        [s.name for s in chosen],
        lon,
        lat,
        read,
        known.unit if known else "",
        from_ms(newest) if newest else None,
        tuple(sorted(limits)),
        doubtful=doubtful,
    )
