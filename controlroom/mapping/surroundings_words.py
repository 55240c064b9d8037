"""What is here, in words: lines for a card, and one sentence to be read out on the radio."""

from controlroom.i18n import _
from controlroom.mapping.surroundings import ON_ROAD_M, Here, Nearby, RoadNear


def bearing_words(bearing_deg: float) -> str:
    """One of eight directions."""
    words = (
        *(_("north"), _("north-east"), _("east"), _("south-east")),
        *(_("south"), _("south-west"), _("west"), _("north-west")),
    )
    return words[int((bearing_deg % 360.0 + 22.5) // 45.0) % 8]


def distance_words(distance_m: float) -> str:
    """Metres to ten, kilometres to a tenth."""
    if distance_m < 995:
        return _("{metres} m").format(metres=int(round(distance_m, -1)) if distance_m >= 10 else round(distance_m))
    return _("{kilometres} km").format(kilometres=f"{distance_m / 1000:.1f}")


def town_words(here: Here) -> str:
    """The town, and that its border is none."""
    if here.town:
        return _("{town} (schematic border)").format(town=here.town)
    return _("outside the district") if not here.in_district else ""


def road_words(road: RoadNear) -> str:
    """On a road, or on which side of it."""
    if road.distance_m < ON_ROAD_M:
        return _("on {road}").format(road=road.title)
    return _("{distance} {side} of {road}").format(
        distance=distance_words(road.distance_m), side=bearing_words(road.bearing_deg), road=road.title
    )


def nearby_words(nearby: Nearby) -> str:
    """Where the point is as seen from a named thing; what is invented says so."""
    name = nearby.name.title
    if nearby.distance_m < ON_ROAD_M:
        return _("at {name}").format(name=name)
    return _("{distance} {bearing} of {name}").format(
        distance=distance_words(nearby.distance_m), bearing=bearing_words(nearby.bearing_deg), name=name
    )


def spoken_position(lon: float, lat: float) -> str:
    """Degrees, minutes and seconds as they are read out, to a tenth of a second (3 m)."""
    south, west = lat < 0, lon < 0
    north_words = _("latitude {angle} south") if south else _("latitude {angle} north")
    east_words = _("longitude {angle} west") if west else _("longitude {angle} east")
    return _("{lat}, {lon}").format(lat=north_words.format(angle=_angle(lat)), lon=east_words.format(angle=_angle(lon)))


def place_line(here: Here) -> str:
    """A short place for a line that has only a point: road and crossroads, else town and what is nearest."""
    parts = [road_words(here.road)] if here.road is not None else []
    if here.crossing is not None:
        parts.append(nearby_words(here.crossing))
    if not parts:
        parts += [town_words(here)] if town_words(here) else []
        parts += [nearby_words(near) for near in here.near[:1]]
    return _("; ").join(parts)


def sentence(here: Here) -> str:
    """Everything in one sentence to be read out."""
    parts = [town_words(here)]
    if here.road is not None:
        parts.append(road_words(here.road))
    if here.crossing is not None:
        parts.append(nearby_words(here.crossing))
    parts += [nearby_words(near) for near in here.near]
    if here.inside:
        parts.append(_("inside {areas}").format(areas=_(", ").join(here.inside)))
    parts.append(spoken_position(here.lon, here.lat))
    told = _("; ").join(part for part in parts if part)
    return _("Place: {place}.").format(place=told)


def _angle(degrees: float) -> str:
    whole, rest = divmod(round(abs(degrees) * 36_000), 36_000)
    minutes, tenths = divmod(rest, 600)
    return _("{degrees} degrees {minutes} minutes {seconds} seconds").format(
        degrees=whole, minutes=minutes, seconds=f"{tenths / 10:.1f}"
    )
