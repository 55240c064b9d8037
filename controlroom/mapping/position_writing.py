"""A place in the forms in which it is read out: degrees to seconds, the national grid, UTM, MGRS, GCJ-02, BD-09."""

import enum
import math

from msgspec import Struct

from controlroom.i18n import _
from controlroom.mapping.coordinates import Datum, from_wgs84
from controlroom.mapping.grids import gauss_zone, mgrs_of, utm_of


class Form(enum.StrEnum):
    """How a place can be written, in the order of the card."""

    DEGREES = "degrees"
    MINUTES = "minutes"
    SECONDS = "seconds"
    GAUSS = "gauss"
    UTM = "utm"
    MGRS = "mgrs"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Written(Struct, frozen=True):
    """One form of a place; `foreign`: the numbers are shifted on purpose and do for one provider's map only."""

    form: Form
    name: str
    text: str
    foreign: bool = False


def written(lon: float, lat: float) -> tuple[Written, ...]:
    """All forms that a place (WGS-84 degrees) has; those whose grid does not reach it are left out."""
    found = ((form, form_name(form), write(lon, lat, form)) for form in Form)
    return tuple(Written(f, name, text, f in (Form.GCJ02, Form.BD09)) for f, name, text in found if text)


def form_name(form: Form) -> str:
    """What a form is called."""
    return {
        Form.DEGREES: _("Degrees (WGS-84)"),
        Form.MINUTES: _("Degrees and minutes"),
        Form.SECONDS: _("Degrees, minutes, seconds"),
        Form.GAUSS: _("CGCS2000 Gauss-Krüger 3°"),
        Form.UTM: _("UTM"),
        Form.MGRS: _("MGRS"),
        Form.GCJ02: _("GCJ-02 (AMap, Tencent)"),
        Form.BD09: _("BD-09 (Baidu)"),
    }[form]


def write(lon: float, lat: float, form: Form) -> str:
    """A place (WGS-84 degrees) in one form; empty where that form does not reach it."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return ""
    if form in (Form.GCJ02, Form.BD09):
        there_lon, there_lat = from_wgs84(lon, lat, Datum(form.value))
        return f"{float(there_lon):.6f}, {float(there_lat):.6f}"
    if form is Form.GAUSS:
        return _gauss(lon, lat)
    if form is Form.UTM:
        place = utm_of(lon, lat)
        if place is None:
            return ""
        return f"{place.zone}{'N' if place.north else 'S'} {place.east_m:.1f} {place.north_m:.1f}"
    if form is Form.MGRS:
        return mgrs_of(lon, lat) or ""
    return _("{lat}, {lon}").format(lat=_side(lat, form, True), lon=_side(lon, form, False))


def _gauss(lon: float, lat: float) -> str:
    zone = gauss_zone(lon)
    if zone is None or not 0.0 <= lat <= 60.0:
        return ""
    east, north = zone.to_grid(lon, lat)
    return _("X (north) {north}, Y (east) {east}, meridian {meridian}° (EPSG:{epsg})").format(
        north=f"{north:.2f}", east=f"{east:.2f}", meridian=zone.meridian_deg, epsg=zone.epsg
    )


def _side(degrees: float, form: Form, is_latitude: bool) -> str:
    angle = _angle(abs(degrees), form)
    if is_latitude:
        words = _("{angle} S") if degrees < 0 else _("{angle} N")
    else:
        words = _("{angle} W") if degrees < 0 else _("{angle} E")
    return words.format(angle=angle)


def _angle(degrees: float, form: Form) -> str:
    """Whole units are carried before they are split, so that 59.999″ never becomes 60″."""
    if form is Form.DEGREES:
        return f"{degrees:.6f}°"
    if form is Form.MINUTES:
        whole, rest = divmod(round(degrees * 600_000), 600_000)
        return f"{whole}°{rest // 10_000:02d}.{rest % 10_000:04d}′"
    whole, rest = divmod(round(degrees * 360_000), 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return f"{whole}°{minutes:02d}′{seconds // 100:02d}.{seconds % 100:02d}″"
