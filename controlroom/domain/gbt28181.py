"""Device codes of GB/T 28181-2022: 20 digits that say where, for whom and what a device is.

Eight digits are the centre (the first six a district of GB/T 2260), two the industry, three the kind, one the network
and six the serial number; the 2016 edition has no network and seven digits of serial number, which reads the same.

Checked softly: real platforms are full of codes that break the rule, so what is odd is told and nothing is refused.
"""

import enum

from msgspec import Struct

LENGTH = 20


class Oddity(enum.StrEnum):
    """What is unusual about a code."""

    LENGTH = "length"
    """It has not 20 characters."""
    DIGITS = "digits"
    """It holds something else than digits."""
    CENTRE = "centre"
    """Its first two digits are no province of GB/T 2260."""
    INDUSTRY = "industry"
    """The industry is not in the table."""
    KIND = "kind"
    """The kind of device is not in the table."""


class Kind(enum.StrEnum):
    """What the device is, by digits 11 to 13."""

    DVR = "dvr"
    VIDEO_SERVER = "video_server"
    ENCODER = "encoder"
    DECODER = "decoder"
    ALARM_CONTROLLER = "alarm_controller"
    NVR = "nvr"
    CAMERA = "camera"
    NETWORK_CAMERA = "network_camera"
    DISPLAY = "display"
    ALARM_INPUT = "alarm_input"
    ALARM_OUTPUT = "alarm_output"
    VOICE_INPUT = "voice_input"
    VOICE_OUTPUT = "voice_output"
    MOBILE = "mobile"
    SIGNALLING_SERVER = "signalling_server"
    WEB_SERVER = "web_server"
    MEDIA_SERVER = "media_server"
    ALARM_SERVER = "alarm_server"
    MAP_SERVER = "map_server"
    ACCESS_GATEWAY = "access_gateway"
    BUSINESS_GROUP = "business_group"
    VIRTUAL_ORGANISATION = "virtual_organisation"
    OTHER = "other"


_KINDS = {
    "111": Kind.DVR,
    "112": Kind.VIDEO_SERVER,
    "113": Kind.ENCODER,
    "114": Kind.DECODER,
    "117": Kind.ALARM_CONTROLLER,
    "118": Kind.NVR,
    "131": Kind.CAMERA,
    "132": Kind.NETWORK_CAMERA,
    "133": Kind.DISPLAY,
    "134": Kind.ALARM_INPUT,
    "135": Kind.ALARM_OUTPUT,
    "136": Kind.VOICE_INPUT,
    "137": Kind.VOICE_OUTPUT,
    "138": Kind.MOBILE,
    "200": Kind.SIGNALLING_SERVER,
    "201": Kind.WEB_SERVER,
    "202": Kind.MEDIA_SERVER,
    "205": Kind.ALARM_SERVER,
    "207": Kind.MAP_SERVER,
    "209": Kind.ACCESS_GATEWAY,
    "215": Kind.BUSINESS_GROUP,
    "216": Kind.VIRTUAL_ORGANISATION,
}
_INDUSTRIES = frozenset(f"{number:02}" for number in range(12))
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82)
)


class DeviceCode(Struct, frozen=True):
    """A code in its parts, as far as it has them; `oddities` tells what is unusual, in the order of `Oddity`.

    `centre` is the code of the region (8 digits: province, city, district, unit), `industry` two digits, `kind_code`
    three, `network` one and `serial` six.
    """

    text: str
    centre: str = ""
    industry: str = ""
    kind_code: str = ""
    network: str = ""
    serial: str = ""
    kind: Kind = Kind.OTHER
    oddities: tuple[Oddity, ...] = ()

    @property
    def is_regular(self) -> bool:
        """Whether nothing is odd about it."""
        return not self.oddities

    @property
    def district(self) -> str:
        """The six digits of the district (GB/T 2260), empty where there are none."""
        return self.centre[:6]


def parse(text: str) -> DeviceCode:
    """The parts of a code; whatever the text is, something comes of it."""
    code = text.strip()
    oddities = []
    if len(code) != LENGTH:
        oddities.append(Oddity.LENGTH)
    if not (code.isascii() and code.isdigit()):
        oddities.append(Oddity.DIGITS)
    if oddities:
        return DeviceCode(text, oddities=tuple(oddities))
    centre, industry, kind_code, network, serial = code[:8], code[8:10], code[10:13], code[13], code[14:]
    if int(centre[:2]) not in _PROVINCES:
        oddities.append(Oddity.CENTRE)
    if industry not in _INDUSTRIES:
        oddities.append(Oddity.INDUSTRY)
    kind = _KINDS.get(kind_code, Kind.OTHER)
    if kind is Kind.OTHER:
        oddities.append(Oddity.KIND)
    return DeviceCode(text, centre, industry, kind_code, network, serial, kind, tuple(oddities))
