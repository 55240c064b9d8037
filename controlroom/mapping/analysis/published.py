"""Answers that all seats see: made small enough to be told, and made into layers again at the other seats."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from controlroom.domain.place import Point
from controlroom.domain.published_answer import (
    MOST_CORNERS,
    MOST_FEATURES,
    MOST_POINTS,
    AnswerBody,
    AnswerClass,
    AnswerFeature,
    AnswerPoint,
    PublishedAnswer,
)
from controlroom.mapping.analysis.answer import Answer
from controlroom.mapping.layer_tree import LayerGroup
from controlroom.mapping.layers import ColourClass, LayerPoint, LayerSpec

_M_PER_DEGREE = 111_195.0
_STEPS_M = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0)
"""Corners are left out by ever coarser borders until what is left may be told."""


def body_of(answer: Answer) -> AnswerBody:
    """The answer as it is told to others; what had to be coarsened or left out is said in it."""
    features, coarsened_m, lost = _small(answer.features, len(answer.points[:MOST_POINTS]))
    points = tuple(
        AnswerPoint(
            point=Point(p.lon, p.lat),
            id=p.id[:200],
            name=p.label[:200],
            value=p.value if p.value is not None and abs(p.value) <= 1e12 else None,
            colour_class=p.colour_class,
        )
        for p in answer.points[:MOST_POINTS]
    )
    return AnswerBody(
        title=answer.spec.title[:200] or answer.spec.id,
        classes=tuple(AnswerClass(c.label[:200], c.colour) for c in answer.spec.classes[:64]),
        author=answer.author or "—",
        made_at=answer.made_at,
        data_at=answer.data_at,
        features=features,
        points=points,
        unit=answer.spec.unit[:40],
        opacity=answer.spec.opacity,
        how=tuple((name[:1000], value[:1000]) for name, value in answer.how[:60]),
        said=tuple(line[:1000] for line in answer.said[:60]),
        coarsened_m=coarsened_m,
        left_out=lost + max(0, len(answer.points) - MOST_POINTS),
    )


def answer_of(published: PublishedAnswer) -> Answer:
    """The layer of a published answer, as if it had been asked here."""
    body = published.body
    features = tuple(_written(feature) for feature in body.features)
    document = msgspec.json.encode({"type": "FeatureCollection", "features": features}).decode()
    spec = LayerSpec(
        id=published.id,
        title=body.title,
        classes=tuple(ColourClass(c.label, c.colour) for c in body.classes),
        geojson=document if features else "",
        unit=body.unit,
        opacity=body.opacity,
        group=LayerGroup.ANSWERS,
    )
    points = tuple(
        LayerPoint(p.id or f"{published.id}/{n}", p.name, p.point.lon, p.point.lat, p.value, p.colour_class)
        for n, p in enumerate(body.points)
    )
    return Answer(spec, points, features, body.how, body.said, body.made_at, body.author, body.data_at)


def _small(features: Sequence[Mapping[str, Any]], spent: int) -> tuple[tuple[AnswerFeature, ...], float, int]:
    """Features of few enough corners, how far a border may have moved, and how many were left out."""
    shapes = [(feature["properties"], shapely.geometry.shape(feature["geometry"])) for feature in features]
    for step_m in _STEPS_M:
        made = [one for told, shape in shapes for one in _features(told, shape, step_m)]
        if sum(len(part) for one in made for part in one.parts) + spent <= MOST_CORNERS and len(made) <= MOST_FEATURES:
            return tuple(made), step_m, 0
    # Borders that coarse say nothing any more: the largest stay.
    made.sort(key=lambda one: -sum(len(part) for part in one.parts))
    kept, total = list[AnswerFeature](), spent
    for one in made[:MOST_FEATURES]:
        total += sum(len(part) for part in one.parts)
        if total > MOST_CORNERS:
            break
        kept.append(one)
    return tuple(kept), _STEPS_M[-1], len(made) - len(kept)


def _features(told: Mapping[str, Any], shape: BaseGeometry, step_m: float) -> list[AnswerFeature]:
    """The single areas and lines of a feature."""
    found = []
    coarse = shapely.simplify(shape, step_m / _M_PER_DEGREE) if step_m else shape
    for part in shapely.get_parts(coarse):
        if part.geom_type == "Polygon" and not part.is_empty:
            rings = [ring for ring in (part.exterior, *part.interiors) if len(ring.coords) > 3][:1000]
            parts = tuple(_ring(ring.coords[:-1]) for ring in rings)
        elif part.geom_type == "LineString" and not part.is_empty:
            parts = (_ring(part.coords),)
        else:
            continue
        found.append(
            AnswerFeature(
                parts=parts,
                area=part.geom_type == "Polygon",
                name=str(told.get("name", ""))[:200],
                colour_class=int(told.get("class", 0)),
            )
        )
    return found


def _ring(places: Sequence[tuple[float, ...]]) -> tuple[Point, ...]:
    return tuple(Point(round(float(p[0]), 7), round(float(p[1]), 7)) for p in places)


def _written(feature: AnswerFeature) -> dict[str, Any]:
    rings = [[[p.lon, p.lat] for p in part] for part in feature.parts]
    geometry: dict[str, Any]
    if feature.area:
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]] for ring in rings]}
    else:
        geometry = {"type": "LineString", "coordinates": rings[0]}
    told = {"name": feature.name, "class": feature.colour_class}
    return {"type": "Feature", "properties": told, "geometry": geometry}
