"""The whole answer for a place or an area, reckoned on a worker's thread: inside, near and looking, with ages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import shapely

from controlroom.bridge.asset_wording import age_word, short_line
from controlroom.bridge.camera_sight import Sight, Witness, witnesses
from controlroom.bridge.round_answer import RoundAnswer, RoundLine, RoundPart
from controlroom.bridge.wording import age_text, severity_word
from controlroom.domain.asset import AssetKind
from controlroom.domain.place import Point
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _, _n
from controlroom.mapping.analysis.areas import Area, circle, geodesic_area_m2, inside, read_area, vertices
from controlroom.mapping.analysis.fault import AnalysisFault
from controlroom.mapping.analysis.plane import Plane
from controlroom.mapping.analysis.roads import Network, Reached, nearest_by_line
from controlroom.mapping.district import District
from controlroom.mapping.exposure import Exposed, Exposure, Figure, read_layers
from controlroom.wiring.exposure import Live, figures_of
from controlroom.wiring.round_moment import Moment
from controlroom.wiring.seat import ZONE
from resources import path
from widgets.camera_words import state_line
from widgets.exposure_strip import USUAL_M, figure_text, kind_words

NEAREST = 5
LOOKING = 5
MOST_PARTS = 20
"""Of an area of more parts the largest so many are asked who is near them and what sees them; all are counted in."""
_CORNERS = 500
_SIMPLE_M = 5.0
_OLD_S = 60.0

Row = tuple[str, str, str, bool, Point]


@dataclass(frozen=True, slots=True)
class Round:
    """What is asked about: a place, with a radius of its own, or an area: its corners, or what makes it in a plane."""

    title: str
    outline: tuple[Point, ...]
    radius_m: int = USUAL_M
    area: Callable[[Plane], Area | None] | None = None
    """For an area of several parts, or with holes: all of it. Raises AnalysisFault."""

    @property
    def around(self) -> bool:
        """Whether it is a place and not an area."""
        return self.area is None and len(self.outline) < 3


class Ground:
    """What the district's files say, read when it is first asked for. Made for one thread: that of the worker."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._faults: list[EnvironmentFault] = []

    def faults(self) -> list[EnvironmentFault]:
        """Files that could not be read and that nobody was told of yet. May be asked from any thread."""
        found, self._faults = self._faults, []
        return found

    @cached_property
    def exposure(self) -> Exposure:
        """The data layers of the district and of this seat."""
        plane = Plane(District(path("district")).centre.lon)
        return Exposure(plane, read_layers(self._folders, plane, self._faults.append))

    @cached_property
    def network(self) -> Network | None:
        """The roads; None where there are none."""
        plane = self.exposure.plane
        document = msgspec.json.decode(path("district", "roads.geojson").read_bytes())
        lines = [
            np.column_stack(plane.to_plane(*np.asarray(feature["geometry"]["coordinates"], np.float64)[:, :2].T))
            for feature in document["features"]
            if feature["geometry"]["type"] == "LineString"
        ]
        try:
            return Network(lines)
        except AnalysisFault:
            return None


def reckon(ground: Ground, asked: Round, moment: Moment) -> RoundAnswer:
    """The three parts as of a moment. Takes tenths of a second the first time."""
    plane = ground.exposure.plane
    try:
        area = _area(asked, plane)
    except AnalysisFault:
        said = _("The place lies outside of what the map knows.")
        return RoundAnswer(asked.title, "", moment.at, (RoundPart(_("Who and what is inside"), (), said),), "")
    words = _("within {metres} m").format(metres=asked.radius_m)
    sights = [Sight(asked.title, asked.outline)]
    middles = [sights[0].middle] if asked.outline else []
    if not asked.around:
        words = _("{area:.3f} km²").format(area=geodesic_area_m2(area.shape, plane) / 1e6)
        parts = [part for part in shapely.get_parts(area.shape) if part.geom_type == "Polygon"]
        if len(parts) > 1:
            words = _n("{area}, {count} part", "{area}, {count} parts", len(parts)).format(area=words, count=len(parts))
        parts.sort(key=lambda part: -float(part.area))
        sights = [Sight(asked.title, _ring(part, plane)) for part in parts[:MOST_PARTS]]
        middles = [_inner(part, plane) for part in parts[:MOST_PARTS]]
    answered = (
        _inside(ground, area, moment),
        _near(ground, middles, moment),
        _looking(sights, moment),
    )
    return RoundAnswer(asked.title, words, moment.at, answered, _made(moment))


def _area(asked: Round, plane: Plane) -> Area:
    if asked.area is not None:
        made = asked.area(plane)
        if made is not None:
            return made
    if asked.around or len(asked.outline) < 3:
        middle = Sight(asked.title, asked.outline).middle
        return circle(plane, middle.lon, middle.lat, float(asked.radius_m))
    ring = vertices([p.lon for p in asked.outline], [p.lat for p in asked.outline])
    return read_area(ring, plane, asked.title)


def _ring(part: shapely.Polygon, plane: Plane) -> tuple[Point, ...]:
    """The corners of a part; of one with very many those that matter for who sees it."""
    if shapely.get_num_coordinates(part) > _CORNERS:
        part = shapely.simplify(part, _SIMPLE_M)
    lon, lat = plane.to_degrees(*np.asarray(part.exterior.coords)[:-1, :2].T)
    return tuple(Point(float(a), float(b)) for a, b in zip(lon, lat, strict=True))


def _inner(part: shapely.Polygon, plane: Plane) -> Point:
    """A place within a part, in its middle where that is within it."""
    place = part.centroid if part.contains(part.centroid) else part.point_on_surface()
    lon, lat = plane.to_degrees(np.array([place.x]), np.array([place.y]))
    return Point(float(lon[0]), float(lat[0]))


def _made(moment: Moment) -> str:
    time = f"{moment.at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"
    if moment.past:
        words = _("As it was at {time}: alarms of then; what nobody keeps is said, or marked “as of now”. {officer}")
        return words.format(time=time, officer=moment.officer)
    made = _("As of {time}, from this room's live data and the district's data layers; asked by {officer}").format(
        time=time, officer=moment.officer
    )
    if moment.stale:
        made = _("The link is down: nothing here is newer than the last contact.") + " " + made
    return made


# -------------------------------------------------------------------- inside


def _inside(ground: Ground, area: Area, moment: Moment) -> RoundPart:
    title, words, plane = _("Who and what is inside"), kind_words(), ground.exposure.plane
    if moment.waiting:
        return RoundPart(title, (), moment.waiting)
    columns = moment.catalogue.columns
    is_read = bool(moment.catalogue.ids) or not moment.busy
    vehicles = [unit.point for unit in moment.units]
    assets = [each for each in moment.assets if not (moment.past and each.kind is AssetKind.TEAM)]
    figures = figures_of(
        ground.exposure,
        area.shape,
        ground.exposure.filed(area.shape),
        Live(moment.at, not moment.stale or moment.past, (columns.lon, columns.lat), assets, vehicles),
    )
    lines = [_line(figure, words[figure.kind], moment) for figure in figures]
    if not is_read:
        told = RoundLine(words[Exposed.CAMERAS], _("The cameras are being read…"), True)
        lines = [told if line.label == told.label else line for line in lines]
    x, y = plane.to_plane(
        np.array([p.lon for _a, p in moment.alarms], np.float64),
        np.array([p.lat for _a, p in moment.alarms], np.float64),
    )
    here = [alarm for (alarm, _p), is_in in zip(moment.alarms, inside(area.shape, x, y), strict=True) if is_in]
    if here:
        worst = min(here, key=lambda alarm: alarm.severity)
        newest = max(alarm.occurred_at for alarm in here)
        told_text = _("{count}, the worst {severity}, the newest {age}").format(
            count=len(here), severity=severity_word(worst.severity), age=_ago(moment, newest)
        )
        lines.insert(0, RoundLine(_("Alarms"), told_text))
    elif moment.past:
        lines.insert(0, RoundLine(_("Alarms"), _("none stood then")))
    return RoundPart(title, tuple(lines))


def _teams(moment: Moment) -> bool:
    return any(asset.kind is AssetKind.TEAM for asset in moment.assets)


def _ago(moment: Moment, then: datetime) -> str:
    """How long before the moment; of the past that is no age of now."""
    age = age_text((moment.at - then).total_seconds())
    return _("{age}, seen from then").format(age=age) if moment.past else age


def _line(figure: Figure, label: str, moment: Moment) -> RoundLine:
    """A figure with the source and the date of its data; what is invented says so, and what is not of then."""
    if moment.past and figure.kind is Exposed.TEAMS and (not moment.units or _teams(moment)):
        return RoundLine(label, _("where they were then is not kept"), True)
    if figure.number is None:
        return RoundLine(label, figure_text(figure), True)
    is_now = moment.past and (figure.kind is Exposed.CAMERAS or figure.live)
    if is_now and figure.kind is not Exposed.TEAMS:
        now = f"{moment.now.astimezone(ZONE):%Y-%m-%d %H:%M}"
        figure = replace(figure, dated=_("as of now ({time})").format(time=now))
    said = (
        figure_text(figure),
        "" if figure.schematic and not figure.live else figure.source,
        figure.dated,
        _("schematic, invented") if figure.schematic else "",
    )
    return RoundLine(label, " · ".join(part for part in said if part), is_now)


# -------------------------------------------------------------------- near


def _near(ground: Ground, middles: Sequence[Point], moment: Moment) -> RoundPart:
    """Teams, or where nobody declares any the vehicles that an officer directs."""
    title = _("Who is near")
    if moment.waiting:
        return RoundPart(title, (), moment.waiting)
    teams: list[Row] = [
        (asset.name, short_line(asset), age_word(asset, moment.at), asset.stale(moment.at), asset.point)
        for asset in moment.assets
        if asset.kind is AssetKind.TEAM and asset.point is not None
    ]
    rows = [] if moment.past else teams
    rows = rows or [
        (
            unit.name,
            unit.kind,
            _ago(moment, unit.heard_at),
            (moment.at - unit.heard_at).total_seconds() > _OLD_S,
            unit.point,
        )
        for unit in moment.units
    ]
    kept = _("Where teams and vehicles were then is not kept.")
    if not rows:
        return RoundPart(title, (), kept if moment.past else _("No team or vehicle is known to be anywhere."))
    lines = []
    for found in _reached(ground, middles, [row[4] for row in rows]):
        name, what, age, is_old, _point = rows[found.index]
        way = _("by road") if found.by_road else _("by line: no road network there")
        text = " · ".join(part for part in (f"{found.metres / 1000:.2f} km {way}", what, age) if part)
        lines.append(RoundLine(name, text, is_old))
    if moment.past and teams:
        lines.append(RoundLine(_("Teams"), _("where they were then is not kept"), True))
    return RoundPart(title, tuple(lines))


def _reached(ground: Ground, middles: Sequence[Point], points: Sequence[Point]) -> list[Reached]:
    """The nearest of all parts: each thing once, from the part that it is nearest to."""
    plane = ground.exposure.plane
    places = np.array([[p.lon, p.lat] for p in points], np.float64)
    things = np.column_stack(plane.to_plane(places[:, 0], places[:, 1]))
    best: dict[int, Reached] = {}
    for middle in middles:
        x, y = (float(v) for v in plane.to_plane(middle.lon, middle.lat))
        try:
            network = ground.network
            if network is None:
                found = nearest_by_line(x, y, things, NEAREST)
            else:
                found = network.nearest(x, y, things, NEAREST)
        except AnalysisFault:
            continue
        for each in found:
            if each.index not in best or _order(each) < _order(best[each.index]):
                best[each.index] = each
    return sorted(best.values(), key=_order)[:NEAREST]


def _order(reached: Reached) -> tuple[bool, float]:
    return not reached.by_road, reached.metres


# -------------------------------------------------------------------- looking


def _looking(sights: Sequence[Sight], moment: Moment) -> RoundPart:
    title = _("What can see it")
    catalogue = moment.catalogue
    if not catalogue.ids:
        return RoundPart(title, (), _("The cameras are being read…") if moment.busy else _("No camera is known."))
    best: dict[str, Witness] = {}
    for sight in sights:
        for each in witnesses(catalogue, sight, moment.ptz, moment.seat, LOOKING):
            if each.camera not in best or each.score > best[each.camera].score:
                best[each.camera] = each
    found = list(best.values())
    if len(sights) > 1:
        found.sort(key=lambda each: -each.score)
    lines = []
    for each in found[:LOOKING]:
        camera = catalogue.cameras[each.camera]
        told = f"{each.reason} · {state_line(camera, moment.now, moment.looks.get(each.camera))}"
        # Both say whether it is online: once is enough.
        text = " · ".join(dict.fromkeys(part for part in told.split(" · ") if part))
        if moment.past:
            text = _("as of now") + " · " + text
        lines.append(RoundLine(camera.name or camera.id, text, each.must_turn or moment.past))
    shown = _n("{count} camera, the best first", "{count} cameras, the best first", len(lines))
    head = f"{title} ({shown.format(count=len(lines))})" if lines else title
    if moment.past:
        head = _("{title}: as of now, where cameras looked then is not kept").format(title=head)
    return RoundPart(head, tuple(lines), _("No camera sees it."))
