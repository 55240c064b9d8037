"""The methods that answer questions to the map: from columns in a plane to features, points and what is said."""

import itertools
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from controlroom.i18n import _, _n
from controlroom.mapping.analysis import areas, clusters, density, interpolation
from controlroom.mapping.analysis.answer import PLAIN, RAMP, Asked, Found, Ground
from controlroom.mapping.analysis.areas import Area
from controlroom.mapping.analysis.breaks import Breaks, class_of, edges
from controlroom.mapping.analysis.fault import AnalysisFault, Reason, Step
from controlroom.mapping.analysis.grids import Grid, bands
from controlroom.mapping.analysis.plane import Plane, distance_m, ring_area_m2
from controlroom.mapping.analysis.roads import Network, nearest_by_line
from controlroom.mapping.coordinates import Floats
from controlroom.mapping.layers import ColourClass, LayerPoint

MOST_FEATURES = 20_000
"""More areas than this are not drawn one by one: they are dissolved or refused."""


def _feature(shape: BaseGeometry, plane: Plane, name: str, number: int, value: float | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "class": number}
    if value is not None and np.isfinite(value):
        told["value"] = float(f"{value:.6g}")
    return {"type": "Feature", "properties": told, "geometry": areas.to_geojson(shape, plane)}


def _legend(cuts: Floats, unit: str) -> tuple[ColourClass, ...]:
    count = len(cuts) - 1
    colours = [RAMP[round(i * (len(RAMP) - 1) / max(count - 1, 1))] for i in range(count)]
    ranges = [f"{low:.4g} – {high:.4g} {unit}".rstrip() for low, high in itertools.pairwise(cuts)]
    return tuple(ColourClass(text, colour) for text, colour in zip(ranges, colours, strict=True))


def _cuts(asked: Asked, values: Floats) -> Floats:
    limits = asked.things.limits if asked.things is not None else ()
    method = Breaks(asked.choices.get("breaks", Breaks.QUANTILE))
    return edges(values, method, int(asked.numbers.get("classes", 5)), limits)


def _some(ground: Ground) -> tuple[Floats, Floats]:
    if not ground.within.any():
        raise AnalysisFault(Reason.EMPTY)
    return ground.x[ground.within], ground.y[ground.within]


def _clip(ground: Ground) -> BaseGeometry | None:
    return shapely.union_all([a.shape for a in ground.zone]) if ground.zone else None


# ------------------------------------------------------------------ the methods


def buffer_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """What lies within a distance of the things."""
    x, y = _some(ground)
    dissolve = len(x) > MOST_FEATURES or asked.numbers.get("dissolve", 1) > 0
    shapes = areas.buffer(areas.points_of(x, y), asked.numbers["distance_m"], dissolve, step)
    total = sum(areas.geodesic_area_m2(shape, ground.plane) for shape in shapes[:200])
    label = _("within {metres:g} m").format(metres=asked.numbers["distance_m"])
    lines = [_n("{count} area", "{count} areas", len(shapes)).format(count=len(shapes))]
    if len(shapes) <= 200:
        lines.append(_("together {area:.3f} km²").format(area=total / 1e6))
    return Found(
        [_feature(s, ground.plane, label, 0) for s in shapes], classes=(ColourClass(label, PLAIN),), lines=lines
    )


def overlay_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """The areas of two sets against each other."""
    operation = asked.choices.get("operation", "intersection")
    made = areas.overlay(ground.zone, ground.other, operation, step)  # type: ignore[arg-type]  # one of three
    measured = [areas.geodesic_area_m2(a.shape, ground.plane) / 1e6 for a in made]
    features = [_feature(a.shape, ground.plane, a.name, 0, km2) for a, km2 in zip(made, measured, strict=True)]
    lines = [
        _n("{count} area", "{count} areas", len(made)).format(count=len(made)),
        _("together {area:.3f} km²").format(area=sum(measured)),
    ]
    if asked.things is not None:
        inside = int(areas.counts([Area(shapely.union_all([a.shape for a in made]))], ground.x, ground.y)[0])
        lines.append(_("{name} inside: {count}").format(name=asked.things.title, count=inside))
    return Found(features, unit="km²", lines=lines)


def density_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Things per square kilometre as bands."""
    x, y = _some(ground)
    radius = asked.numbers["radius_m"]
    grid, values = density.kernel_density(x, y, radius, max(radius / 5, 20.0))
    step(0.5)
    top = float(values.max())
    cuts = np.array([top * share for share in (0.05, 0.2, 0.4, 0.6, 0.8, 1.0)])
    return _banded(ground, grid, values, cuts, _("per km²"), [_("highest {value:.4g} per km²").format(value=top)])


def _banded(ground: Ground, grid: Grid, values: Floats, cuts: Floats, unit: str, lines: list[str]) -> Found:
    legend = _legend(cuts, unit)
    shapes = bands(grid, values, cuts.tolist(), _clip(ground))
    features = [
        _feature(shape, ground.plane, legend[number].label, number)
        for number, shape in enumerate(shapes)
        if not shape.is_empty
    ]
    if not features:
        raise AnalysisFault(Reason.NOTHING_LEFT)
    return Found(features, classes=legend, unit=unit, lines=lines)


def _field(asked: Asked, ground: Ground) -> tuple[interpolation.Measured, Grid, str, list[str]]:
    """The measured places, and the grid over them or over the area."""
    assert asked.things is not None
    value = np.where(ground.within, asked.things.value, np.nan)
    held = interpolation.Measured.of(np.where(ground.within, ground.x, np.nan), ground.y, value, 3)
    clip = _clip(ground)
    bounds = clip.bounds if clip is not None else (held.x.min(), held.y.min(), held.x.max(), held.y.max())
    side = max((bounds[2] - bounds[0]), (bounds[3] - bounds[1])) / asked.numbers.get("nodes", 200)
    lines = [_("from {count} places with a value").format(count=len(held.x))]
    return held, Grid.over(bounds, max(side, 1.0)), asked.things.unit, lines


def idw_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Values between places by inverse distance, as bands."""
    held, grid, unit, lines = _field(asked, ground)
    numbers = asked.numbers
    values = interpolation.idw(held, *grid.nodes(), int(numbers["neighbours"]), numbers["power"], step)
    return _banded(ground, grid, values.reshape(grid.shape), _cuts(asked, values), unit, lines)


def kriging_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Values between places by ordinary kriging, or their standard error, as bands."""
    held, grid, unit, lines = _field(asked, ground)
    model = interpolation.fit_variogram(held)
    value, error = interpolation.kriging(held, model, *grid.nodes(), int(asked.numbers["neighbours"]), step)
    lines.append(
        _("variogram: nugget {nugget:.3g}, sill {sill:.3g}, range {span:.0f} m").format(
            nugget=model.nugget, sill=model.sill, span=model.range_m
        )
    )
    lines.append(
        _("standard error: {low:.3g} to {high:.3g} {unit}").format(
            low=float(error.min()), high=float(error.max()), unit=unit
        )
    )
    chosen = error if asked.choices.get("show") == "error" else value
    return _banded(ground, grid, chosen.reshape(grid.shape), _cuts(asked, chosen), unit, lines)


def surface_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Values on the triangles between places, as bands."""
    held, grid, unit, lines = _field(asked, ground)
    step(0.1)
    values = interpolation.triangles(held, *grid.nodes())
    found = _banded(ground, grid, values.reshape(grid.shape), _cuts(asked, values), unit, lines)
    if unit == "m":
        steep = interpolation.slope_deg(values.reshape(grid.shape), grid.side_m)
        found.lines.append(_("steepest {degrees:.2f}°").format(degrees=float(np.nanmax(steep))))
    return found


def clusters_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Which things lie together, as hulls, or as points where they are many."""
    assert asked.things is not None
    x, y = np.where(ground.within, ground.x, np.nan), ground.y
    labels = clusters.dbscan(x, y, asked.numbers["reach_m"], int(asked.numbers["least"]), step)
    count = int(labels.max()) + 1
    if not count:
        raise AnalysisFault(Reason.NO_CLUSTER)
    sizes = np.bincount(labels[labels >= 0], minlength=count)
    features, points = [], []
    for number in np.argsort(-sizes, kind="stable")[:MOST_FEATURES]:
        mine = np.flatnonzero(labels == number) if count < 2000 else None
        if mine is None:
            break
        hull = shapely.buffer(shapely.MultiPoint(np.column_stack([x[mine], y[mine]])).convex_hull, 15.0)
        label = _("{count} together").format(count=int(sizes[number]))
        features.append(_feature(hull, ground.plane, label, 0, float(sizes[number])))
        lon, lat = ground.plane.to_degrees(x[mine].mean(), y[mine].mean())
        points.append(LayerPoint(f"cluster-{int(number) + 1}", label, float(lon), float(lat)))
    if count >= 2000:
        points = _cluster_points(ground, x, y, labels, sizes)
    alone = int(((labels < 0) & ground.within).sum())
    lines = [
        _n("{count} cluster", "{count} clusters", count).format(count=count),
        _("largest: {count}").format(count=int(sizes.max())),
        _("{count} belong to none").format(count=alone),
    ]
    return Found(features, points, (ColourClass(_("cluster"), PLAIN),), lines=lines)


def _cluster_points(ground: Ground, x: Floats, y: Floats, labels: Any, sizes: Any) -> list[LayerPoint]:
    """So many clusters are shown as points of their middles."""
    held = labels >= 0
    lon, lat = ground.plane.to_degrees(
        np.bincount(labels[held], x[held]) / sizes, np.bincount(labels[held], y[held]) / sizes
    )
    return [
        LayerPoint(f"cluster-{i + 1}", _("{count} together").format(count=int(size)), float(lon[i]), float(lat[i]))
        for i, size in enumerate(sizes)
    ]


def cells_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Things per cell of a grid."""
    x, y = _some(ground)
    cells = clusters.counted(x, y, asked.numbers["side_m"])
    step(0.5)
    count = cells.count.astype(np.float64)
    cuts = _cuts(asked, count) if len(np.unique(count)) > 1 else np.array([count[0], count[0] + 1])
    number = class_of(count, cuts)
    side = cells.side_m
    boxes = shapely.box(cells.x, cells.y, cells.x + side, cells.y + side)
    if len(boxes) > MOST_FEATURES:
        raise AnalysisFault(Reason.TOO_DENSE, str(len(boxes)))
    features = [
        _feature(box, ground.plane, str(int(n)), int(c), float(n))
        for box, n, c in zip(boxes, count, number, strict=True)
    ]
    lines = [_n("{count} cell", "{count} cells", len(boxes)).format(count=len(boxes))]
    return Found(features, classes=_legend(cuts, ""), lines=lines)


def thematic_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Things coloured by the class of their value."""
    things = asked.things
    assert things is not None
    chosen = np.flatnonzero(ground.within & np.isfinite(things.value))
    if not len(chosen):
        raise AnalysisFault(Reason.NO_VALUES)
    cuts = _cuts(asked, things.value[chosen])
    number = class_of(things.value[chosen], cuts)
    step(0.5)
    points = [
        LayerPoint(
            things.ids[i], things.names[i], float(things.lon[i]), float(things.lat[i]), float(things.value[i]), int(c)
        )
        for i, c in zip(chosen.tolist(), number.tolist(), strict=True)
    ]
    unknown = int(ground.within.sum()) - len(chosen)
    lines = [_("{count} have a value, {unknown} have none").format(count=len(chosen), unknown=unknown)]
    return Found([], points, _legend(cuts, things.unit), things.unit, lines)


def choropleth_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """Areas coloured by how many things they hold per square kilometre."""
    if not ground.zone:
        raise AnalysisFault(Reason.AREA_WANTED)
    numbers = areas.counts(ground.zone, ground.x, ground.y, step)
    km2 = np.array([areas.geodesic_area_m2(a.shape, ground.plane) / 1e6 for a in ground.zone])
    values = numbers / km2
    cuts = _cuts(asked, values)
    number = class_of(values, cuts)
    features = [
        _feature(a.shape, ground.plane, f"{a.name}: {int(n)}", int(c), float(v))
        for a, n, v, c in zip(ground.zone, numbers, values, number, strict=True)
    ]
    points = []
    for area, count in zip(ground.zone, numbers, strict=True):
        middle = area.shape.representative_point()
        lon, lat = ground.plane.to_degrees(middle.x, middle.y)
        points.append(LayerPoint(f"area-{area.name}", f"{area.name}: {int(count)}", float(lon), float(lat)))
    lines = [_("{count} inside").format(count=int(numbers.sum()))]
    return Found(features, points, _legend(cuts, _("per km²")), _("per km²"), lines)


def nearest_answer(asked: Asked, ground: Ground, _step: Step) -> Found:
    """The nearest things to a place, by road where there is a network, else by line."""
    assert asked.things is not None
    x, y = ground.plane.to_plane(*asked.corners[0])
    here = np.column_stack([np.where(np.isfinite(ground.x), ground.x, np.nan), ground.y])
    count = int(asked.numbers["count"])
    lines = [np.column_stack(ground.plane.to_plane(line[:, 0], line[:, 1])) for line in asked.roads]
    reached = (
        Network(lines).nearest(float(x), float(y), here, count)
        if lines
        else nearest_by_line(float(x), float(y), here, count)
    )
    road, straight = _("by road"), _("by line: no road network there")
    features, points, said = [], [], []
    for place, one in enumerate(reached, 1):
        name = asked.things.names[one.index] or asked.things.ids[one.index]
        how = road if one.by_road else straight
        label = f"{place}. {name} · {one.metres / 1000:.2f} km {how}"
        said.append(label)
        features.append(
            _feature(shapely.LineString(one.path), ground.plane, label, 0 if one.by_road else 1, one.metres)
        )
        points.append(
            LayerPoint(
                asked.things.ids[one.index],
                label,
                float(asked.things.lon[one.index]),
                float(asked.things.lat[one.index]),
            )
        )
    return Found(features, points, (ColourClass(road, PLAIN), ColourClass(straight, "#c77dd6")), "m", said)


def measure_answer(asked: Asked, ground: Ground, _step: Step) -> Found:
    """Length and enclosed area of corners on the ellipsoid."""
    lon, lat = np.array(asked.corners, np.float64).T
    legs = np.asarray(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))
    if not np.isfinite(legs).all():
        raise AnalysisFault(Reason.NO_PLACE)
    xy = np.column_stack(ground.plane.to_plane(lon, lat))
    if not np.isfinite(xy).all():
        raise AnalysisFault(Reason.NO_PLACE)
    label = _("length {km:.3f} km").format(km=float(legs.sum()) / 1000)
    said = [label, _("along the geodesic of WGS-84")]
    features = [_feature(shapely.LineString(xy), ground.plane, label, 0, float(legs.sum()))]
    if len(lon) > 2:
        area = areas.mended(shapely.Polygon(xy))
        exact = areas.geodesic_area_m2(area.shape, ground.plane) if area.mended else ring_area_m2(lon, lat)
        said.append(_("enclosed area {area:.4f} km²").format(area=exact / 1e6))
        features.insert(0, _feature(area.shape, ground.plane, said[-1], 0, exact))
    points = [LayerPoint("measure", label, float(lon[-1]), float(lat[-1]))]
    return Found(features, points, unit="m", lines=said)
