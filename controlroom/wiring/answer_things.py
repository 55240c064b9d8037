"""What questions to the map can be about besides sensors: assets of the room and data layers of the district."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from controlroom.bridge.asset_wording import age_word, kind_words, short_line
from controlroom.domain.asset import Asset
from controlroom.domain.place import Point
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.analysis.answer import Things
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.district import District
from controlroom.mapping.exposure import Exposed, read_layers
from controlroom.wiring.seat import ZONE
from resources import path


def plain(title: str, rows: Sequence[tuple[str, str, Point | None]], at: datetime | None) -> Things:
    """Things without values: ids, names and places."""
    lon, lat = columns([point for _id, _name, point in rows])
    return Things(title, [r[0] for r in rows], [r[1] for r in rows], lon, lat, np.full(len(rows), np.nan), data_at=at)


def columns(points: Sequence[Point | None]) -> tuple[Floats, Floats]:
    """Longitudes and latitudes, NaN where a place is unknown."""
    nowhere = float("nan")
    return (
        np.array([p.lon if p else nowhere for p in points], np.float64),
        np.array([p.lat if p else nowhere for p in points], np.float64),
    )


def assets_of(assets: Sequence[Asset], now: datetime) -> Things:
    """Assets with their state beside their names; those whose place is old say so."""
    rows = [(a.id, f"{a.name} · {short_line(a)} · {age_word(a, now)}", a.point) for a in assets]
    told = [at for at in (a.told_at for a in assets) if at is not None]
    title = kind_words(assets[0].kind) if assets else ""
    things = plain(title, rows, max(told, default=None))
    return replace(things, schematic=any(a.schematic for a in assets))


def filed_words() -> dict[Exposed, str]:
    """The data layers that can be asked about, in words."""
    return {Exposed.HOSPITALS: _("Hospitals"), Exposed.SCHOOLS: _("Schools")}


def filed(kind: Exposed, folders: Sequence[Path]) -> Things:
    """What the district's data layers have of a kind. Raises EnvironmentFault where one cannot be read."""
    plane = Plane(District(path("district")).centre.lon)
    faults: list[EnvironmentFault] = []
    layers = read_layers((path("district", "exposure"), *folders), plane, faults.append)
    held = [layer for layer in layers if layer.kind is kind]
    if not held and faults:
        raise faults[0]
    lon = np.concatenate([layer.lon for layer in held]) if held else np.empty(0)
    lat = np.concatenate([layer.lat for layer in held]) if held else np.empty(0)
    names = [name for layer in held for name in layer.names]
    ids = [f"{kind}-{n}" for n in range(len(names))]
    at = min((datetime.fromisoformat(layer.dated) for layer in held), default=None)
    dated = None if at is None else at if at.tzinfo else at.replace(tzinfo=ZONE)
    invented = any(layer.schematic for layer in held)
    return Things(
        filed_words()[kind], ids, names, lon, lat, np.full(len(lon), np.nan), data_at=dated, schematic=invented
    )
