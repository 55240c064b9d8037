"""Every question that the map can be asked, with its parameters, and the way from a question to its layer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from controlroom.i18n import N_, _, _n
from controlroom.mapping.analysis import areas, methods
from controlroom.mapping.analysis.answer import OPACITY, Answer, Asked, Ground, Method
from controlroom.mapping.analysis.areas import Area
from controlroom.mapping.analysis.blind_answer import blind_answer
from controlroom.mapping.analysis.fault import AnalysisFault, Reason, Step
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.layer_tree import LayerGroup
from controlroom.mapping.layers import LayerSpec


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter: its name in the file and on the screen, what it may be, and what it is unless changed.

    One that is a `tick` is 1 for yes and 0 for no.
    """

    id: str
    title: str
    unit: str
    least: float
    most: float
    usual: float
    whole: bool = False
    tick: bool = False

    def words(self, value: float) -> str:
        """A value as it is read."""
        if self.tick:
            return _("yes") if value > 0 else _("no")
        return f"{value:g} {self.unit}".strip()


def _tick(identity: str, title: str) -> Number:
    return Number(identity, title, "", 0, 1, 1, True, True)


@dataclass(frozen=True, slots=True)
class Offer:
    """A method as the officer chooses it; `needs` are of `things`, `value`, `zone`, `other`, `corners`, `place`."""

    id: str
    title: str
    run: Method
    needs: frozenset[str]
    numbers: tuple[Number, ...] = ()
    classed: bool = False
    """Whether the officer chooses how values are cut into classes."""


def answer(offer: Offer, asked: Asked, identity: str, step: Step) -> Answer:
    """Work on a question, on whichever thread. Raises AnalysisFault."""
    ground = _ground(asked)
    found = offer.run(asked, ground, _rising(step))
    if len(found.features) > methods.MOST_FEATURES:
        raise AnalysisFault(Reason.TOO_DENSE, str(len(found.features)))
    said = list(found.lines)
    if asked.things is not None:
        left_out = len(ground.x) - int(np.isfinite(ground.x).sum())
        if left_out:
            said.append(
                _n(
                    "{count} thing without a place was left out",
                    "{count} things without a place were left out",
                    left_out,
                ).format(count=left_out)
            )
        if "value" in offer.needs and asked.things.doubtful:
            said.append(
                _n(
                    "{count} value that is stale or marked as wrong was left out",
                    "{count} values that are stale or marked as wrong were left out",
                    asked.things.doubtful,
                ).format(count=asked.things.doubtful)
            )
    if ground.mended:
        said.append(
            _("Areas that crossed themselves were taken by what they enclose: {count}").format(count=ground.mended)
        )
    if any(part is not None and part.schematic for part in (asked.things, asked.zone, asked.other)):
        said.append(_("Made from schematic data: not for decisions about real places"))
    title = f"{_(offer.title)} {identity.rpartition('-')[2]}"
    data_at = asked.things.data_at if asked.things is not None else None
    how = _how(offer, asked)
    made = _("{author}, {time}").format(author=asked.author, time=f"{asked.made_at.astimezone():%Y-%m-%d %H:%M}")
    spec = LayerSpec(
        id=identity,
        title=title,
        classes=found.classes,
        geojson=_collection(found.features),
        unit=found.unit,
        bordered=found.bordered,
        opacity=OPACITY,
        group=LayerGroup.ANSWERS,
        source=made,
        data_at=data_at,
        note="\n".join([*(f"{name}: {value}" for name, value in how), *said]),
    )
    return Answer(
        spec,
        tuple(found.points),
        tuple(found.features),
        how,
        tuple(said),
        asked.made_at,
        asked.author,
        data_at,
    )


def _rising(step: Step) -> Step:
    """Parts of a method that are worked on several times never take the progress back."""
    reached = 0.0

    def told(share: float) -> None:
        nonlocal reached
        reached = max(reached, min(share, 1.0))
        step(reached)

    return told


def _how(offer: Offer, asked: Asked) -> tuple[tuple[str, str], ...]:
    how = [(_("Method"), _(offer.title))]
    if asked.things is not None and "things" in offer.needs:
        how.append((_("Made from"), f"{asked.things.title} ({len(asked.things.lon)})"))
    if asked.cameras is not None:
        how.append((_("Made from"), _("View cones of {count} cameras").format(count=len(asked.cameras.ids))))
    for title, zone in ((_("Area"), asked.zone), (_("Second areas"), asked.other)):
        if zone is not None:
            how.append((title, zone.title))
    how += [(_(n.title), n.words(asked.numbers.get(n.id, n.usual))) for n in offer.numbers]
    how += [(_("Classes"), asked.choices["breaks"])] if offer.classed and "breaks" in asked.choices else []
    return tuple(how)


def _ground(asked: Asked) -> Ground:
    lon, lat = np.empty(0), np.empty(0)
    if asked.things is not None:
        lon, lat = asked.things.lon, asked.things.lat
    corners = np.array(asked.corners, np.float64).reshape(-1, 2)
    rings = [
        np.asarray(r, np.float64).reshape(-1, 2)
        for r in _outer(
            [*(asked.zone.geometries if asked.zone else ()), *(asked.other.geometries if asked.other else ())]
        )
    ]
    if rings or len(corners):
        every = np.concatenate([*rings, corners])
        plane = Plane.around(every[:, 0], every[:, 1])
    else:
        plane = Plane.around(lon, lat)
    x, y = plane.to_plane(lon, lat)
    zone = _read(asked.zone.geometries, plane) if asked.zone else ()
    other = _read(asked.other.geometries, plane) if asked.other else ()
    within = np.isfinite(x)
    if zone:
        within &= areas.inside(shapely.union_all([a.shape for a in zone]), x, y)
    return Ground(plane, x, y, zone, other, sum(a.mended for a in (*zone, *other)), within)


def _read(geometries: Any, plane: Plane) -> tuple[Area, ...]:
    return tuple(areas.read_area(geometry, plane, name) for name, geometry in geometries)


def _outer(geometries: Sequence[tuple[str, Any]]) -> list[Any]:
    """The outer rings, to find where the plane is to be; what is broken is refused when it is read."""
    rings = []
    for _name, geometry in geometries:
        coordinates = geometry.get("coordinates", [])
        polygons = [coordinates] if geometry.get("type") == "Polygon" else coordinates
        try:
            rings += [[p[:2] for p in polygon[0]] for polygon in polygons]
        except (TypeError, IndexError):
            continue
    return rings


def _collection(features: list[dict[str, Any]]) -> str:
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, allow_nan=False) if features else ""


BLIND = "blind"
"""The offer that tells what no camera sees."""
_CLASSES = Number("classes", N_("Number of classes"), "", 2, 9, 5, True)
_NODES = Number("nodes", N_("Grid nodes across"), "", 20, 600, 200, True)
OFFERS: tuple[Offer, ...] = (
    Offer(
        "buffer",
        N_("Buffer"),
        methods.buffer_answer,
        frozenset({"things", "zone"}),
        (
            Number("distance_m", N_("Distance"), "m", 1, 50_000, 500),
            _tick("dissolve", N_("Dissolve")),
        ),
    ),
    Offer("overlay", N_("Overlay"), methods.overlay_answer, frozenset({"zone", "other", "zone!"})),
    Offer(
        "density",
        N_("Density"),
        methods.density_answer,
        frozenset({"things", "zone"}),
        (Number("radius_m", N_("Radius of the kernel"), "m", 50, 20_000, 800),),
    ),
    Offer(
        "idw",
        N_("Interpolation (IDW)"),
        methods.idw_answer,
        frozenset({"things", "value", "zone"}),
        (
            Number("neighbours", N_("Neighbours"), "", 1, 64, 12, True),
            Number("power", N_("Power"), "", 0.5, 10, 2),
            _NODES,
            _CLASSES,
        ),
        True,
    ),
    Offer(
        "kriging",
        N_("Kriging"),
        methods.kriging_answer,
        frozenset({"things", "value", "zone"}),
        (
            Number("neighbours", N_("Neighbours"), "", 2, 64, 16, True),
            _NODES,
            _CLASSES,
        ),
        True,
    ),
    Offer(
        "surface",
        N_("Surface (triangles)"),
        methods.surface_answer,
        frozenset({"things", "value", "zone"}),
        (_NODES, _CLASSES),
        True,
    ),
    Offer(
        "clusters",
        N_("Point clusters"),
        methods.clusters_answer,
        frozenset({"things", "zone"}),
        (
            Number("reach_m", N_("Within"), "m", 1, 50_000, 300),
            Number("least", N_("Least points"), "", 1, 10_000, 5, True),
        ),
    ),
    Offer(
        "cells",
        N_("Points per cell"),
        methods.cells_answer,
        frozenset({"things", "zone"}),
        (
            Number("side_m", N_("Cell"), "m", 50, 20_000, 1000),
            _CLASSES,
        ),
        True,
    ),
    Offer(
        "thematic",
        N_("Thematic map"),
        methods.thematic_answer,
        frozenset({"things", "value", "zone"}),
        (_CLASSES,),
        True,
    ),
    Offer(
        "choropleth",
        N_("Points per area"),
        methods.choropleth_answer,
        frozenset({"things", "zone", "zone!"}),
        (_CLASSES,),
        True,
    ),
    Offer(
        "nearest",
        N_("Nearest"),
        methods.nearest_answer,
        frozenset({"things", "place"}),
        (Number("count", N_("How many"), "", 1, 50, 5, True),),
    ),
    Offer(
        BLIND,
        N_("What no camera sees"),
        blind_answer,
        frozenset({"zone", "cameras"}),
        (
            Number("cell_m", N_("Cell"), "m", 10, 500, 25),
            _tick("working", N_("Only cameras that work")),
            _tick("circles", N_("Cameras without a direction see all around")),
            Number("radius_m", N_("Around important places"), "m", 50, 3_000, 300),
        ),
    ),
    Offer("measure", N_("Measure"), methods.measure_answer, frozenset({"corners"})),
)
