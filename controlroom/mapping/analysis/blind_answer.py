"""What no camera sees, as an answer of the map: areas, shares, the worst places, and what was counted how."""

import numpy as np
import shapely

from controlroom.i18n import _, _n
from controlroom.mapping.analysis import areas, blind
from controlroom.mapping.analysis.answer import Asked, Found, Ground
from controlroom.mapping.analysis.areas import Area
from controlroom.mapping.analysis.blind import Coverage
from controlroom.mapping.analysis.fault import AnalysisFault, Reason, Step
from controlroom.mapping.layers import ColourClass, LayerPoint
from controlroom.mapping.sight import FAULTY, OFFLINE, UNKNOWN, CameraColumns

_BLIND, _LOST, _WORST = "#7a4f9a", "#b06a8c", "#e23ac8"
MOST_TOLD = 10
MOST_TOWNS = 5


def blind_answer(asked: Asked, ground: Ground, step: Step) -> Found:
    """What no camera sees in an area. Raises AnalysisFault where there is no area or no camera."""
    cameras = asked.cameras
    if not ground.zone:
        raise AnalysisFault(Reason.AREA_WANTED)
    if cameras is None or not len(cameras.ids):
        raise AnalysisFault(Reason.EMPTY)
    zone = shapely.union_all([area.shape for area in ground.zone])
    circles, only_working = asked.numbers.get("circles", 1) > 0, asked.numbers.get("working", 1) > 0
    found = blind.coverage(
        cameras,
        ground.plane,
        zone,
        asked.numbers["cell_m"],
        circles=circles,
        only_working=only_working,
        step=step,
    )
    classes = [ColourClass(_("no camera sees it"), _BLIND)]
    features = []
    layers = [(found.zone & ~found.any, 0), (found.lost, 1)] if only_working else [(found.blind, 0)]
    if only_working:
        classes.append(ColourClass(_("only cameras that do not work now"), _LOST))
    for cells, number in layers:
        for shape in blind.outlines(found, cells, step):
            geometry = areas.to_geojson(shape, ground.plane)
            told = {"name": classes[number].label, "class": number}
            features.append({"type": "Feature", "properties": told, "geometry": geometry})
    points, worst = _worst(asked, ground, found, len(classes))
    if points:
        classes.append(ColourClass(_("important and blind around"), _WORST, "diamond"))
    lines = [
        *_shares(found, only_working),
        *_towns(asked, ground, found),
        *_counted(cameras, found, circles, only_working),
        *worst,
    ]
    return Found(features, points, tuple(classes), "", lines, bordered=False)


def _shares(found: Coverage, only_working: bool) -> list[str]:
    lines = [
        _("Seen: {share:.1f} % of {area:.1f} km²").format(
            share=100 * found.share(found.zone), area=found.km2(found.zone)
        ),
        _("Blind: {area:.1f} km²").format(area=found.km2(found.blind)),
    ]
    if only_working:
        lines.append(_("of it only by cameras that do not work now: {area:.1f} km²").format(area=found.km2(found.lost)))
    return lines


def _towns(asked: Asked, ground: Ground, found: Coverage) -> list[str]:
    """The towns of which the least is seen; their cells are schematic."""
    if asked.towns is None:
        return []
    read: list[Area] = [areas.read_area(shape, ground.plane, name) for name, shape in asked.towns.geometries]
    shares = [(found.share(found.cells_in(area.shape)), area.name) for area in read]
    told = sorted((share, name) for share, name in shares if share == share)[:MOST_TOWNS]
    if not told:
        return []
    words = _(", ").join(f"{name} {100 * share:.0f} %" for share, name in told)
    return [_("Least seen towns (schematic cells): {towns}").format(towns=words)]


def _counted(cameras: CameraColumns, found: Coverage, circles: bool, only_working: bool) -> list[str]:
    placed = np.isfinite(cameras.lon)
    unaimed = int(np.count_nonzero(placed & ~cameras.aimed))
    lines = [_n("{count} camera counted", "{count} cameras counted", found.cameras).format(count=found.cameras)]
    if unaimed:
        said = (
            _("{count} without a told direction count as circles of their range")
            if circles
            else _("{count} without a told direction are left out")
        )
        lines.append(said.format(count=unaimed))
    ailing = [int(np.count_nonzero(placed & (cameras.ailing == state))) for state in (OFFLINE, FAULTY, UNKNOWN)]
    said = (
        _("offline {offline} and faulty {faulty} count as not seeing; {unknown} of unknown health count as seeing")
        if only_working
        else _("offline {offline}, faulty {faulty} and {unknown} of unknown health count as seeing")
    )
    lines.append(said.format(offline=ailing[0], faulty=ailing[1], unknown=ailing[2]))
    if int(np.count_nonzero(~placed)):
        lines.append(_("without a place and left out: {count}").format(count=int(np.count_nonzero(~placed))))
    lines.append(_("The ground is taken as flat and bare: a house may hide what counts as seen"))
    return lines


def _worst(asked: Asked, ground: Ground, found: Coverage, number: int) -> tuple[list[LayerPoint], list[str]]:
    """The important places around which the most is blind."""
    if not asked.important:
        return [], []
    names = [name for things in asked.important for name in things.names]
    lon = np.concatenate([things.lon for things in asked.important])
    lat = np.concatenate([things.lat for things in asked.important])
    x, y = ground.plane.to_plane(lon, lat)
    radius = asked.numbers.get("radius_m", 300.0)
    told = [one for one in blind.around(found, x, y, radius, MOST_TOLD) if one.share > 0.5]
    points, lines = [], []
    for place, one in enumerate(told, 1):
        far = _("nothing is seen") if np.isinf(one.to_seen_m) else f"{one.to_seen_m:.0f} m"
        line = _("{place}. {name}: {share:.0f} % blind within {radius:.0f} m, seen ground {far} away").format(
            place=place, name=names[one.index], share=100 * one.share, radius=radius, far=far
        )
        lines.append(line)
        at = float(lon[one.index]), float(lat[one.index])
        points.append(LayerPoint(f"blind-{place}", line, *at, one.share, number))
    if lines:
        titles = _(", ").join(things.title for things in asked.important)
        lines.insert(0, _("Important places that are blind around ({kinds}):").format(kinds=titles))
    return points, lines
