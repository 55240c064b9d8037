"""A camera that is steered through a platform in the manner of GB/T 28181: control bytes of annex A.3 over HTTP.

The standard carries these bytes in SIP messages between platforms; how a platform takes them by HTTP is its own affair,
so the address is a template: `{device}` and `{channel}` are filled in with codes, `{code}` with the eight bytes in hex.
What is assumed: a status of 2xx means that it was done, unless the answer is a JSON object whose `code` is a number
other than 0 or 200 (as common gateways say). Such a camera tells no angles and lists no presets.
"""

import json
import string
from urllib.parse import quote

from controlroom.domain import gbt_ptz
from controlroom.domain.ptz import Ability, Pose, Preset, PtzTrouble
from controlroom.sources.ptz.fault import PtzFault
from controlroom.sources.ptz.head import STILL, Speeds, Told
from controlroom.sources.ptz.http_asked import Asker, Credentials, parse

SCHEME = "platform:"
_NAMES = {"device", "channel", "code"}


class PlatformHead:
    """One camera of a platform. `address` is `platform:<device>/<channel>`, or of one code that is both."""

    abilities: tuple[Ability, ...] = (
        Ability.CONTINUOUS,
        Ability.ZOOM,
        Ability.PRESETS,
        Ability.FOCUS,
        Ability.IRIS,
    )
    zoom_most = 1.0

    def __init__(self, address: str, template: str, credentials: Credentials, method: str = "GET") -> None:
        self._device, _slash, channel = address.removeprefix(SCHEME).partition("/")
        self._channel = channel or self._device
        try:
            named = {name for _text, name, _form, _turn in string.Formatter().parse(template) if name is not None}
        except ValueError as error:
            raise PtzFault(PtzTrouble.ADDRESS) from error
        if not self._device or "code" not in named or not named <= _NAMES:
            raise PtzFault(PtzTrouble.ADDRESS)
        self._template = template
        self._method = method
        self._asker = Asker(parse(self._filled(b"")), credentials)
        self._moved = STILL

    def open(self) -> tuple[Preset, ...]:
        """A stop moves nothing and tells whether the platform answers."""
        self._send(gbt_ptz.moving(0.0, 0.0, 0.0))
        return ()

    def look(self) -> Told:
        """Nobody tells where such a camera looks."""
        return Told(None, not self._moved.is_still)

    def move(self, speeds: Speeds) -> None:
        """Turn and zoom (A.3.2), focus and iris (A.3.3); each kind stops by itself."""
        before, self._moved = self._moved, speeds
        lens, lens_before = (speeds.focus, speeds.iris), (before.focus, before.iris)
        if any(lens) or any(lens_before):
            self._send(gbt_ptz.focusing(*lens))
        turning = (speeds.pan, speeds.tilt, speeds.zoom)
        if any(turning) or any((before.pan, before.tilt, before.zoom)) or speeds.is_still:
            self._send(gbt_ptz.moving(*turning))

    def go(self, pose: Pose) -> None:
        """It knows no angles."""
        raise PtzFault(PtzTrouble.UNABLE, "angles")

    def call(self, preset: str) -> None:
        """Call a preset."""
        self._send(gbt_ptz.preset_called(_number(preset)))

    def home(self) -> None:
        """It has no home in these bytes."""
        raise PtzFault(PtzTrouble.UNABLE, "home")

    def save(self, preset: str, name: str) -> tuple[Preset, ...]:
        """Keep where it looks under a number; names are the hub's."""
        self._send(gbt_ptz.preset_saved(_number(preset)))
        return ()

    def remove(self, preset: str) -> tuple[Preset, ...]:
        """Take a preset away."""
        self._send(gbt_ptz.preset_removed(_number(preset)))
        return ()

    def rest(self) -> None:
        """These bytes know no automatic."""

    def close(self) -> None:
        """Let go of the connection."""
        self._asker.close()

    def _filled(self, code: bytes) -> str:
        return self._template.format(
            device=quote(self._device, safe=""), channel=quote(self._channel, safe=""), code=code.hex().upper()
        )

    def _send(self, code: bytes) -> None:
        status, answer = self._asker.ask(self._method, parse(self._filled(code)).path)
        if status == 404:
            raise PtzFault(PtzTrouble.ADDRESS, "HTTP 404")
        if not 200 <= status < 300:
            raise PtzFault(PtzTrouble.DECLINED, f"HTTP {status}")
        try:
            told = json.loads(answer)
        except (ValueError, RecursionError):
            return
        said = told.get("code") if isinstance(told, dict) else None
        if isinstance(said, int) and said not in (0, 200):
            raise PtzFault(PtzTrouble.DECLINED, str(told.get("msg", said))[:200])


def _number(preset: str) -> int:
    if not preset.isascii() or not preset.isdigit() or not 1 <= int(preset) <= 255:
        raise PtzFault(PtzTrouble.UNABLE, f"preset {preset[:20]}")
    return int(preset)
