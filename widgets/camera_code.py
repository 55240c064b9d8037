"""A camera's GB/T 28181 code in words."""

from controlroom.domain.gbt28181 import LENGTH, DeviceCode, Kind, Oddity, parse
from controlroom.i18n import _


def code_line(identity: str) -> str:
    """What a camera's id says by GB/T 28181, or what is odd about it; empty for ids that are no such code at all."""
    code = parse(identity)
    if len(code.text.strip()) != LENGTH or Oddity.DIGITS in code.oddities:
        return ""
    if not code.is_regular:
        odd = _(", ").join(_oddity(oddity) for oddity in code.oddities)
        return _("GB/T 28181 code, unusual: {odd}").format(odd=odd)
    told = _("GB/T 28181 code: district {district}, {kind}, number {serial}")
    return told.format(district=code.district, kind=_kind(code), serial=code.serial)


def _kind(code: DeviceCode) -> str:
    match code.kind:
        case Kind.CAMERA:
            return _("camera")
        case Kind.NETWORK_CAMERA:
            return _("network camera")
        case _:
            return _("kind {code}").format(code=code.kind_code)


def _oddity(oddity: Oddity) -> str:
    match oddity:
        case Oddity.LENGTH:
            return _("not 20 digits long")
        case Oddity.DIGITS:
            return _("not of digits alone")
        case Oddity.CENTRE:
            return _("no known province")
        case Oddity.INDUSTRY:
            return _("no known industry")
        case Oddity.KIND:
            return _("no known kind of device")
