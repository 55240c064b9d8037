"""Teams, hazard sources and spaces of the simulated district: all invented, generated, moved and told."""

import json
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct

import resources
from controlroom.domain.asset import Asset, AssetKind, AssetState, Move
from controlroom.domain.place import Point
from controlroom.domain.times import to_ms
from controlroom.domain.vehicle import Vehicle
from controlroom.sources.simulator.geography import Geography
from controlroom.sources.simulator.network import Network
from controlroom.sources.simulator.vehicles import Fleet
from controlroom.wire.messages import AssetsRecord, MovesRecord

SOURCE = "sim-assets"
REPORT_S = 10
"""How often a team tells where it is."""
TURN_S = 300
"""How often spaces and hazard sources tell how it stands with them."""
_SILENT, _RESTING = 0.05, 0.2
_FULL = 0.97
_HAZARD_STATES = (AssetState.RUNNING,) * 6 + (AssetState.STOPPED,)
_ABNORMAL = 0.004
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class TeamSort(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sort of teams (resources/data/simulation/assets.toml)."""

    sort: str
    name: str
    department: str
    share: Share
    strength: tuple[int, int]
    speed_kmh: tuple[float, float]
    answers: tuple[str, ...] = ()


class SpaceSort(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sort of spaces."""

    sort: str
    name: str
    department: str
    share: Share
    capacity: tuple[int, int]


class AssetPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What teams and spaces the district has."""

    team: Annotated[tuple[TeamSort, ...], Meta(min_length=1)]
    space: Annotated[tuple[SpaceSort, ...], Meta(min_length=1)]


def load_plan() -> AssetPlan:
    """The plan that travels with the program."""
    return msgspec.toml.decode(resources.path("data", "simulation", "assets.toml").read_bytes(), type=AssetPlan)


class Assets:
    """Generates and moves them; one thread owns an instance, the same seed makes and moves the same ones.

    `declared` are all of them as they stand, `step` tells what became of them since.
    """

    def __init__(
        self, plan: AssetPlan, geography: Geography, network: Network, *, seed: int, teams: int, spaces: int
    ) -> None:
        self._plan = plan
        self._random = np.random.default_rng([seed, 8])
        self._answers = {sort.sort: sort.answers for sort in plan.team}
        made, paces = self._teams(geography, teams)
        self._rests = self._random.random(len(made)) < _RESTING
        self._silent = self._random.random(len(made)) < _SILENT
        units = [Vehicle(id=team.id, name=team.name, kind=team.sort) for team in made]
        self._fleet = Fleet(units, paces, network, np.random.default_rng([seed, 9]))
        self._held = {asset.id: asset for asset in (*made, *self._spaces(geography, spaces), *self._hazards())}
        self._rows = {team.id: row for row, team in enumerate(made)}
        self._sent: set[str] = set()
        self._second = 0
        self._left_s = 0.0

    def declared(self, now: datetime) -> list[Asset]:
        """All of them, with where they are."""
        for place in self._fleet.step(0.0, to_ms(now)):
            held = self._held[place.vehicle]
            row = self._rows[held.id]
            heard = now - timedelta(minutes=25) if self._silent[row] else now
            state = AssetState.RESTING if self._rests[row] else AssetState.READY
            self._keep(held, point=Point(place.lon, place.lat), seen_at=heard, state_at=heard, state=state)
        for held in list(self._held.values()):
            if held.kind is not AssetKind.TEAM:
                self._keep(held, state_at=now)
        return list(self._held.values())

    def dispatch(self, kind: str, count: int, to: Point, hurry: float) -> None:
        """Teams go along with vehicles of a kind that are sent somewhere."""
        for sort, answers in self._answers.items():
            if kind in answers:
                self._sent |= {unit.id for unit in self._fleet.dispatch(sort, count, to.lon, to.lat, hurry)}

    def recall(self) -> None:
        """Let everybody go their ways again."""
        self._fleet.recall()
        self._sent.clear()

    def step(self, seconds: float, now: datetime) -> list[AssetsRecord | MovesRecord]:
        """Let so many seconds pass; what they tell then."""
        self._left_s += seconds
        if self._left_s < 1.0 or not self._held:
            return []
        passed, self._left_s = self._left_s, 0.0
        self._second += 1
        places = self._fleet.step(passed, to_ms(now))
        moves = [
            Move(place.vehicle, place.lon, place.lat, place.time)
            for row, place in enumerate(places)
            if self._second % REPORT_S == 0 and not self._silent[row]
        ]
        changed = self._changed_teams(now) + (self._changed_others(now) if self._second % TURN_S == 0 else [])
        told: list[AssetsRecord | MovesRecord] = [MovesRecord(moves=moves)] if moves else []
        return [*told, AssetsRecord(assets=changed)] if changed else told

    def _changed_teams(self, now: datetime) -> list[Asset]:
        arrived = {unit.id for unit in self._fleet.arrived()}
        changed = []
        for identity, row in self._rows.items():
            if identity in self._sent:
                state = AssetState.WORKING if identity in arrived else AssetState.UNDERWAY
            else:
                state = AssetState.RESTING if self._rests[row] else AssetState.READY
            if state is not self._held[identity].state and not self._silent[row]:
                changed.append(self._keep(self._held[identity], state=state, state_at=now))
        return changed

    def _changed_others(self, now: datetime) -> list[Asset]:
        changed = []
        for held in list(self._held.values()):
            if held.kind is AssetKind.SPACE and held.sort != "shelter":
                changed.append(self._filled(held, now))
            elif held.kind is AssetKind.HAZARD:
                odd = self._random.random() < _ABNORMAL
                usual = AssetState.RUNNING if held.state is AssetState.ABNORMAL else held.state
                changed.append(self._keep(held, state=AssetState.ABNORMAL if odd else usual, state_at=now))
        return changed

    def _filled(self, held: Asset, now: datetime) -> Asset:
        capacity, occupied = held.capacity or 0, held.occupied or 0
        taken = min(capacity, max(0, occupied + round(float(self._random.normal(0.0, 0.03)) * capacity)))
        state = AssetState.FULL if taken >= _FULL * capacity else AssetState.OPEN
        return self._keep(held, occupied=taken, state=state, state_at=now)

    def _keep(self, held: Asset, **changed: object) -> Asset:
        asset = msgspec.structs.replace(held, **changed)
        self._held[asset.id] = asset
        return asset

    # ------------------------------------------------------------ what there is

    def _teams(self, geography: Geography, count: int) -> tuple[list[Asset], list[float]]:
        made: list[Asset] = []
        paces: list[float] = []
        for sort, here in zip(self._plan.team, _split([s.share for s in self._plan.team], count), strict=True):
            for n in range(here):
                town = geography.towns[n % len(geography.towns)]
                name = sort.name.format(town=town.name.partition("(")[0], n=n // len(geography.towns) + 1)
                strength = int(self._random.integers(sort.strength[0], sort.strength[1] + 1))
                made.append(
                    Asset(
                        id=f"team-{sort.sort}-{n + 1:04}",
                        name=name,
                        kind=AssetKind.TEAM,
                        sort=sort.sort,
                        strength=strength,
                        department=sort.department,
                        schematic=True,
                    )
                )
                paces.append(float(self._random.uniform(*sort.speed_kmh)))
        return made, paces

    def _spaces(self, geography: Geography, count: int) -> list[Asset]:
        made = []
        for sort, here in zip(self._plan.space, _split([s.share for s in self._plan.space], count), strict=True):
            for n in range(here):
                town = geography.towns[n % len(geography.towns)]
                capacity = int(self._random.integers(sort.capacity[0] // 10, sort.capacity[1] // 10 + 1)) * 10
                share = 0.0 if sort.sort == "shelter" else float(self._random.uniform(0.2, 1.0))
                point = geography.scatter(town, 1, self._random)[0].round(6).tolist()
                made.append(
                    Asset(
                        id=f"space-{sort.sort}-{n + 1:04}",
                        name=sort.name.format(town=town.name.partition("(")[0], n=n // len(geography.towns) + 1),
                        kind=AssetKind.SPACE,
                        sort=sort.sort,
                        state=AssetState.FULL if share >= _FULL else AssetState.OPEN,
                        point=Point(*point),
                        capacity=capacity,
                        occupied=round(capacity * share),
                        department=sort.department,
                        schematic=True,
                    )
                )
        return made

    def _hazards(self) -> list[Asset]:
        """Those that the exposure files invent, so that both speak of the same."""
        folder = resources.path("district", "exposure")
        made = []
        for path in sorted(folder.glob("hazards*.geojson")):
            for n, feature in enumerate(json.loads(path.read_bytes())["features"], 1):
                lon, lat = feature["geometry"]["coordinates"][:2]
                made.append(
                    Asset(
                        id=f"hazard-{n:04}",
                        name=str(feature["properties"].get("name", "")) or f"{n}",
                        kind=AssetKind.HAZARD,
                        sort=str(feature["properties"].get("sort", "")),
                        state=_HAZARD_STATES[int(self._random.integers(len(_HAZARD_STATES)))],
                        point=Point(float(lon), float(lat)),
                        rank=int(self._random.integers(1, 5)),
                        department="区应急局",
                        schematic=True,
                    )
                )
        return made


def _split(shares: list[float], count: int) -> list[int]:
    """So many of each; the first takes what rounding leaves."""
    counts = [round(share * count) for share in shares]
    counts[0] = max(0, counts[0] + count - sum(counts))
    return counts
