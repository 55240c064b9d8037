"""Reads a place out of what somebody typed, pasted or heard: every form that is written, in whatever order and signs.

What can be meant in several ways is read in several ways, and each says how it was read; nothing is guessed silently.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from msgspec import Struct

from controlroom.i18n import _
from controlroom.mapping.analysis.plane import distance_m
from controlroom.mapping.coordinates import Datum, in_world, to_wgs84
from controlroom.mapping.grids import GaussZone, UtmPlace, gauss_zone, mgrs_to_degrees, numbered_zone, utm_of
from controlroom.mapping.position_angles import Angle, angles_of
from controlroom.mapping.position_writing import Form

LONGEST = 200
"""A longer text holds no place."""

_SHIFTED_M = 50.0
"""House figure: what is shifted by less lies outside the country, where no provider shifts."""

_SIGNS = str.maketrans(
    {"º": "°", "˚": "°", "度": "°", "′": "'", "’": "'", "‘": "'", "´": "'", "`": "'", "分": "'", "″": '"', "”": '"'}
    | {"“": '"', "秒": '"', "、": ",", "−": "-", "–": "-", "—": "-", "：": ":", "；": ";", "，": ","}
)
_DATUMS = (
    (re.compile(r"bd-?0?9(?:ll)?|百度(?:坐标|地图)?|baidu"), Datum.BD09),
    (re.compile(r"gcj-?02|火星(?:坐标)?|高德(?:坐标|地图)?|腾讯(?:坐标|地图)?|amap|autonavi|tencent"), Datum.GCJ02),
    (re.compile(r"wgs-?84|cgcs-?2000|国家2000|gps|北斗|beidou"), Datum.WGS84),
)
_FILLER = re.compile(
    r"https?://\S*?[?&](?:position|location|center|q|ll|latlng)=|^geo:|坐标|位置|coordinates?|[()\[\]]"
)
_NUMERAL = re.compile(r"[〇零一二三四五六七八九十百两幺洞拐勾点]+(?=[°'\"]|$|[\s,;东南西北和与])")
_DIGITS = {
    c: str(n)
    for n, cs in enumerate(("〇零洞", "一幺", "二两", "三", "四", "五", "六", "七拐", "八", "九勾"))
    for c in cs
}
_MGRS = re.compile(r"(?:mgrs\s*)?(\d{1,2})([c-hj-np-x])\s*([a-hj-np-z][a-hj-np-v])\s*(\d+)?(?:\s+(\d+))?", re.ASCII)
_UTM = re.compile(
    r"(?:utm\s*)?(\d{1,2})\s*([a-z])\s*(\d{6}(?:\.\d+)?)\s*m?e?[\s,]\s*(\d{1,8}(?:\.\d+)?)\s*m?n?", re.ASCII
)
_METRES = re.compile(
    r"[xyne]?\s*(?:北|东|north|east)?\s*[=:]?\s*([0-9]{5,8}(?:\.[0-9]+)?)\s*m?[\s,;]+"
    r"[xyne]?\s*(?:北|东|north|east)?\s*[=:]?\s*([0-9]{5,8}(?:\.[0-9]+)?)\s*m?",
    re.ASCII,
)
_MERIDIAN = re.compile(r"(?:中央经线|meridian|cm)\s*[=:]?\s*(\d{2,3})\s*°?e?|(?:epsg:)(\d{4})")


class Reading(Struct, frozen=True):
    """A place (WGS-84 degrees) and how it was read; `suspected`: the text does not say so, but it may be meant."""

    lon: float
    lat: float
    form: Form
    datum: Datum = Datum.WGS84
    order: str = ""
    """`lat_lon` or `lon_lat` where only the order tells which is which, and both are possible."""
    grid: str = ""
    suspected: bool = False
    shift_m: float = 0.0
    """How far a suspected datum would move the place."""


def read_positions(text: str, middle: tuple[float, float] | None = None) -> tuple[Reading, ...]:
    """Every way to read a text as a place, the likeliest first; empty when it is none. Never raises for any text.

    `middle` (WGS-84 degrees) fills in the zone of metres without one, and orders what is ambiguous by nearness.
    """
    if len(text) > LONGEST:
        return ()
    plain, datum = _plain(text)
    if not any(c.isdigit() for c in plain):
        return ()
    found = [*_mgrs(plain), *_utm(plain)] or list(_degrees(plain)) or list(_metres(plain, middle))
    good = [r for r in found if bool(in_world(r.lon, r.lat))]
    read = [_moved(r, datum) for r in good] if datum is not None else good
    if middle is not None:
        read.sort(key=lambda r: abs(r.lon - middle[0]) + abs(r.lat - middle[1]) if r.order else 0.0)
    suspected = [] if datum is not None else [s for r in read[:1] for s in _suspected(r)]
    return tuple(dict.fromkeys((*read, *suspected)))


def reading_words(reading: Reading) -> str:
    """How a place was read, for the officer to judge."""
    told = [_form_words(reading)]
    if reading.order == "lat_lon":
        told.append(_("latitude first"))
    elif reading.order == "lon_lat":
        told.append(_("longitude first"))
    name = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09", Datum.WGS84: "WGS-84"}[reading.datum]
    if reading.suspected:
        told.append(
            _("if it was copied from a {datum} map: {shift} m away").format(datum=name, shift=round(reading.shift_m))
        )
    elif reading.datum is not Datum.WGS84:
        told.append(_("converted from {datum}").format(datum=name))
    return " · ".join(told)


def _form_words(reading: Reading) -> str:
    if reading.grid:
        return reading.grid
    words = {Form.DEGREES: _("degrees"), Form.MINUTES: _("degrees and minutes"), Form.MGRS: "MGRS"}
    return words.get(reading.form, _("degrees, minutes, seconds"))


def _plain(text: str) -> tuple[str, Datum | None]:
    """The text with one sign for each meaning, and the datum that it names."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("经度", "lon").replace("纬度", "lat")
    plain = plain.translate(_SIGNS).replace("''", '"')
    datum = None
    for pattern, named in _DATUMS:
        if pattern.search(plain):
            datum = datum or named
            plain = pattern.sub(" ", plain)
    plain = re.sub(r"(?<=\d)[。点](?=\d)", ".", plain)
    plain = _NUMERAL.sub(lambda found: _number(found[0]), plain)
    plain = re.sub(r"(?<=\d)点(?=\d)", ".", plain)
    plain = _FILLER.sub(" ", plain)
    return plain.strip(" \t\r\n,;:."), datum


def _number(words: str) -> str:
    """Spoken numbers: 三十九 and 三九 and, on the radio, 三勾; 点 is the decimal point."""
    whole, dot, rest = words.partition("点")
    tail = "." + "".join(_DIGITS.get(c, "") for c in rest) if dot and rest else ""
    if "十" not in whole and "百" not in whole:
        return "".join(_DIGITS.get(c, "") for c in whole) + tail
    total = held = 0
    for sign in whole:
        if sign in "十百":
            total += max(held, 1) * (10 if sign == "十" else 100)
            held = 0
        else:
            held = int(_DIGITS[sign])
    return str(total + held) + tail


def _mgrs(plain: str) -> Iterator[Reading]:
    match = _MGRS.fullmatch(plain)
    if match is None:
        return
    digits = (match[4] or "") + (match[5] or "")
    half = len(digits) // 2
    if len(digits) % 2 or half > 5 or (match[5] and len(match[4]) != len(match[5])):
        return
    place = mgrs_to_degrees(int(match[1]), match[2].upper(), match[3].upper(), digits[:half], digits[half:])
    if place is not None:
        yield Reading(*place, Form.MGRS)


def _utm(plain: str) -> Iterator[Reading]:
    """A letter after the zone is a hemisphere (N, S) or a band of latitude; S may be both, and both are read."""
    match = _UTM.fullmatch(plain)
    if match is None or not 1 <= int(match[1]) <= 60:
        return
    zone, letter, east, north = int(match[1]), match[2].upper(), float(match[3]), float(match[4])
    if letter in "ABIOYZ":
        return
    for is_north in {letter == "N" or letter > "N", letter not in "S"}:
        if north < 10_000_000:
            lon, lat = UtmPlace(zone, is_north, east, north).to_degrees()
            yield Reading(lon, lat, Form.UTM, grid=f"UTM {zone}{'N' if is_north else 'S'}")


def _metres(plain: str, middle: tuple[float, float] | None) -> Iterator[Reading]:
    """Two numbers of metres in a Gauss-Krüger zone: by its number, its meridian, or that of the district, or UTM's."""
    named = _MERIDIAN.search(plain)
    match = _METRES.fullmatch(_MERIDIAN.sub(" ", plain).strip(" ,;"))
    if match is None:
        return
    for north, east in {(match[1], match[2]), (match[2], match[1])}:
        north_m, east_m = float(north), float(east)
        if len(north.partition(".")[0]) > 7:
            continue
        zone = None
        if len(east.partition(".")[0]) == 8:
            zone, east_m = numbered_zone(int(east[:2])), float(east[2:])
        elif len(east.partition(".")[0]) == 6:
            zone = _zone_named(named) or (gauss_zone(middle[0]) if middle else None)
        if zone is None or not 100_000 <= east_m <= 900_000:
            continue
        lon, lat = zone.to_degrees(east_m, north_m)
        words = _("CGCS2000 {width}° zone, meridian {meridian}°").format(
            width=zone.width_deg, meridian=zone.meridian_deg
        )
        if 0.0 <= lat <= 60.0:
            yield Reading(lon, lat, Form.GAUSS, grid=words)
        if middle is not None and named is None and len(east.partition(".")[0]) == 6:
            yield from _as_utm(middle, east_m, north_m)


def _as_utm(middle: tuple[float, float], east_m: float, north_m: float) -> Iterator[Reading]:
    here = utm_of(*middle)
    if here is not None:
        lon, lat = UtmPlace(here.zone, here.north, east_m, north_m).to_degrees()
        yield Reading(lon, lat, Form.UTM, grid=f"UTM {here.zone}{'N' if here.north else 'S'}")


def _zone_named(named: "re.Match[str] | None") -> GaussZone | None:
    if named is None:
        return None
    if named[2]:
        code = int(named[2])
        return GaussZone(75 + (code - 4534) * 3) if 4534 <= code <= 4554 else None
    meridian = int(named[1])
    return GaussZone(meridian) if meridian % 3 == 0 and 75 <= meridian <= 135 else None


def _degrees(plain: str) -> Iterator[Reading]:
    pair = angles_of(plain)
    if pair is None:
        return
    first, second = pair
    form = (Form.DEGREES, Form.MINUTES, Form.SECONDS)[max(first.parts, second.parts) - 1]
    ways = [
        (lon.degrees, lat.degrees, order)
        for lat, lon, order in ((first, second, "lat_lon"), (second, first, "lon_lat"))
        if lat.axis in ("", "lat") and lon.axis in ("", "lon") and abs(lat.degrees) <= 90 and abs(lon.degrees) <= 180
    ]
    if len(ways) == 2 and ways[0][:2] == ways[1][:2]:
        ways.pop()
    for lon_deg, lat_deg, order in ways:
        yield Reading(lon_deg, lat_deg, form, order=order if len(ways) > 1 and _unsaid(pair) else "")


def _unsaid(pair: Iterable[Angle]) -> bool:
    return all(not angle.axis for angle in pair)


def _moved(reading: Reading, datum: Datum) -> Reading:
    """The same numbers in a declared datum. Grids of metres are never shifted."""
    if reading.form in (Form.GAUSS, Form.UTM, Form.MGRS):
        return reading
    lon, lat = to_wgs84(reading.lon, reading.lat, datum)
    return Reading(float(lon), float(lat), reading.form, datum, reading.order)


def _suspected(reading: Reading) -> Iterator[Reading]:
    """Degrees that name no datum may be copied from a map of a provider, which is shifted in China."""
    if reading.form in (Form.GAUSS, Form.UTM, Form.MGRS):
        return
    for datum in (Datum.GCJ02, Datum.BD09):
        moved = _moved(reading, datum)
        shift = float(distance_m(reading.lon, reading.lat, moved.lon, moved.lat))
        if datum is Datum.GCJ02 and not shift > _SHIFTED_M:
            return
        if bool(in_world(moved.lon, moved.lat)):
            yield Reading(moved.lon, moved.lat, reading.form, datum, reading.order, suspected=True, shift_m=shift)
