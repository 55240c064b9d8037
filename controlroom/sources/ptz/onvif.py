"""A camera that is steered by ONVIF: PTZ service 2.x of Profile S, with imaging for focus and iris.

Written for cameras as they are: names are matched without their namespaces' versions, what is missing is an ability
less, and addresses that a camera tells of itself are asked at the host where it was found.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from controlroom.domain.ptz import PRESETS_MOST, Ability, Pose, Preset, PtzTrouble
from controlroom.sources.ptz import soap
from controlroom.sources.ptz.fault import PtzFault
from controlroom.sources.ptz.head import STILL, Span, Speeds, Told, clipped
from controlroom.sources.ptz.http_asked import WITHIN_S, Asker, Credentials, parse
from controlroom.sources.ptz.iris import Iris

SCHEME = "onvif:"
_PTZ = 'xmlns="http://www.onvif.org/ver20/ptz/wsdl" xmlns:t="http://www.onvif.org/ver10/schema"'
_MEDIA = 'xmlns="http://www.onvif.org/ver10/media/wsdl"'
_DEVICE = 'xmlns="http://www.onvif.org/ver10/device/wsdl"'
_IMAGING = 'xmlns="http://www.onvif.org/ver20/imaging/wsdl" xmlns:t="http://www.onvif.org/ver10/schema"'
_DEGREES = "SphericalPositionSpaceDegrees"
_RUNS_S = 1
"""A movement that nobody renews ends in the camera after this, also when this process is gone."""


STEP_DEG = 3.0
"""So far a head that knows no speeds goes at full speed for each time that a movement is told, some six times a second;
house figure."""
_STEP_FOV = 0.15
"""The same where its steps are parts of the picture."""


class OnvifHead:
    """One camera. `address` is that of its device service, with the token of a profile behind # where it matters."""

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        span: Span | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        within_s: float = WITHIN_S,
    ) -> None:
        plain, _hash, self._profile = address.removeprefix(SCHEME).partition("#")
        self._address = parse(plain)
        self._asker = Asker(self._address, credentials, within_s)
        self._credentials = credentials
        self._span = Span() if span is None else span
        self._now = now
        self._ahead = timedelta()
        self._paths: dict[str, str] = {}
        self._source = ""
        self._space, self._ranges = "", (-1.0, 1.0, -1.0, 1.0)
        self._zooms = (0.0, 1.0)
        self._steps: tuple[str, float, float, float] | None = None
        self._moved = STILL
        self._iris: Iris | None = None
        self.abilities: tuple[Ability, ...] = ()
        self.zoom_most = self._span.zoom_most

    def open(self) -> tuple[Preset, ...]:
        """Find the clock, the services, a profile that turns, and what its node can."""
        self._set_clock()
        self._find_services()
        node = self._find_profile()
        self._know(node)
        return self._presets()

    def look(self) -> Told:
        """Where it looks and whether it still moves."""
        status = self._ptz(f"<GetStatus {_PTZ}>{self._token()}</GetStatus>")
        position = soap.first(status, "Position")
        states = soap.first(status, "MoveStatus")
        is_moving = states is not None and any(soap.text_of(each).upper() == "MOVING" for each in states)
        return Told(self._pose(position) if position is not None else None, is_moving)

    def move(self, speeds: Speeds) -> None:
        """ContinuousMove, RelativeMove where the head knows no speeds, or Stop; focus through the imaging service."""
        if speeds.focus != self._moved.focus:
            self._focus(speeds.focus)
        if speeds.iris:
            if self._iris is None:
                raise PtzFault(PtzTrouble.UNABLE, "iris")
            self._iris.open_by(speeds.iris)
        turning, turned = (speeds.pan, speeds.tilt, speeds.zoom), (self._moved.pan, self._moved.tilt, self._moved.zoom)
        self._moved = speeds
        if not any(turning):
            if any(turned) or speeds.is_still:
                self._ptz(f"<Stop {_PTZ}>{self._token()}<PanTilt>true</PanTilt><Zoom>true</Zoom></Stop>")
            return
        if self._steps is not None:
            self._step(speeds, self._steps)
            return
        velocity = f'<t:PanTilt x="{speeds.pan:.4f}" y="{speeds.tilt:.4f}"/>'
        if Ability.ZOOM in self.abilities:
            velocity += f'<t:Zoom x="{speeds.zoom:.4f}"/>'
        self._ptz(
            f"<ContinuousMove {_PTZ}>{self._token()}<Velocity>{velocity}</Velocity>"
            f"<Timeout>PT{_RUNS_S}S</Timeout></ContinuousMove>"
        )

    def _step(self, speeds: Speeds, steps: tuple[str, float, float, float]) -> None:
        """RelativeMove, once for each time that the movement is told."""
        space, x, y, nearer = steps
        way = f'<t:PanTilt x="{speeds.pan * x:.6f}" y="{speeds.tilt * y:.6f}" space={quoteattr(space)}/>'
        if nearer:
            way += f'<t:Zoom x="{speeds.zoom * nearer:.6f}"/>'
        self._ptz(f"<RelativeMove {_PTZ}>{self._token()}<Translation>{way}</Translation></RelativeMove>")

    def go(self, pose: Pose) -> None:
        """AbsoluteMove."""
        if Ability.ABSOLUTE not in self.abilities:
            raise PtzFault(PtzTrouble.UNABLE, "AbsoluteMove")
        self._moved = STILL
        pan, tilt = self._written(pose)
        space = f" space={quoteattr(self._space)}" if self._space else ""
        position = f'<t:PanTilt x="{pan:.6f}" y="{tilt:.6f}"{space}/>'
        if Ability.ZOOM in self.abilities:
            low, high = self._zooms
            share = (pose.zoom - 1.0) / max(self.zoom_most - 1.0, 1e-6)
            position += f'<t:Zoom x="{low + (high - low) * min(1.0, max(0.0, share)):.6f}"/>'
        self._ptz(f"<AbsoluteMove {_PTZ}>{self._token()}<Position>{position}</Position></AbsoluteMove>")

    def call(self, preset: str) -> None:
        """GotoPreset."""
        self._moved = STILL
        self.rest()
        token = f"<PresetToken>{escape(preset)}</PresetToken>"
        self._ptz(f"<GotoPreset {_PTZ}>{self._token()}{token}</GotoPreset>")

    def home(self) -> None:
        """GotoHomePosition."""
        self._moved = STILL
        self.rest()
        self._ptz(f"<GotoHomePosition {_PTZ}>{self._token()}</GotoHomePosition>")

    def save(self, preset: str, name: str) -> tuple[Preset, ...]:
        """SetPreset; the camera names a new one itself."""
        token = f"<PresetToken>{escape(preset)}</PresetToken>" if preset else ""
        named = f"<PresetName>{escape(name)}</PresetName>"
        self._ptz(f"<SetPreset {_PTZ}>{self._token()}{named}{token}</SetPreset>")
        return self._presets()

    def remove(self, preset: str) -> tuple[Preset, ...]:
        """RemovePreset."""
        token = f"<PresetToken>{escape(preset)}</PresetToken>"
        self._ptz(f"<RemovePreset {_PTZ}>{self._token()}{token}</RemovePreset>")
        return self._presets()

    def rest(self) -> None:
        """Nobody steers it any longer: the iris goes back to its automatic."""
        if self._iris is not None:
            self._iris.let_go()

    def close(self) -> None:
        """Let go of the connection."""
        self._asker.close()

    # ------------------------------------------------------------ finding out

    def _set_clock(self) -> None:
        """How far the camera's clock is off: the digest is refused where it differs by more than seconds."""
        answer = soap.asked(
            self._asker, self._address.path, f"<GetSystemDateAndTime {_DEVICE}/>", Credentials(), self._now()
        )
        told = soap.first(answer, "UTCDateTime")
        parts = [soap.text_of(soap.first(told, name)) for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")]
        try:
            self._ahead = datetime(*map(int, parts), tzinfo=UTC) - self._now()  # type: ignore[arg-type,misc]  # six whole numbers
        except (ValueError, TypeError, OverflowError):
            self._ahead = timedelta()

    def _find_services(self) -> None:
        answer = self._asked(
            self._address.path, f"<GetCapabilities {_DEVICE}><Category>All</Category></GetCapabilities>"
        )
        for name in ("PTZ", "Media", "Imaging"):
            told = soap.text_of(soap.first(answer, name, "XAddr"))
            if told:
                self._paths[name] = self._address.at(told).path
        if "PTZ" not in self._paths or "Media" not in self._paths:
            raise PtzFault(PtzTrouble.UNABLE, "no PTZ service")

    def _find_profile(self) -> Element:
        """The node of the profile that is wanted, else of the first that can turn."""
        answer = self._asked(self._paths["Media"], f"<GetProfiles {_MEDIA}/>")
        for profile in soap.every(answer, "Profiles"):
            token, settings = profile.get("token", ""), soap.first(profile, "PTZConfiguration")
            if settings is None or (self._profile and token != self._profile):
                continue
            self._profile = token
            self._source = soap.text_of(soap.first(profile, "VideoSourceConfiguration", "SourceToken"))
            node = soap.text_of(soap.first(settings, "NodeToken"))
            return self._ptz(f"<GetNode {_PTZ}><NodeToken>{escape(node)}</NodeToken></GetNode>")
        raise PtzFault(PtzTrouble.UNABLE, "no profile that turns")

    def _know(self, node: Element) -> None:
        found = []
        if soap.first(node, "ContinuousPanTiltVelocitySpace") is not None:
            found.append(Ability.CONTINUOUS)
        else:
            self._steps = self._relative(node)
            if self._steps is not None:
                found.append(Ability.CONTINUOUS)
        spaces = soap.every(node, "AbsolutePanTiltPositionSpace")
        best = next((each for each in spaces if soap.text_of(soap.first(each, "URI")).endswith(_DEGREES)), None)
        best = best if best is not None else (spaces[0] if spaces else None)
        if best is not None:
            found.append(Ability.ABSOLUTE)
            self._space = soap.text_of(soap.first(best, "URI"))
            x, y = _range(soap.first(best, "XRange"), -1.0, 1.0), _range(soap.first(best, "YRange"), -1.0, 1.0)
            self._ranges = (*x, *y)
        zoom = soap.first(node, "AbsoluteZoomPositionSpace", "XRange")
        if zoom is not None:
            found.append(Ability.ZOOM)
            self._zooms = _range(zoom, 0.0, 1.0)
        else:
            self.zoom_most = 1.0
        if soap.number(soap.text_of(soap.first(node, "MaximumNumberOfPresets"))) > 0:
            found += [Ability.PRESETS, Ability.LISTED]
        if soap.text_of(soap.first(node, "HomeSupported")).lower() in ("true", "1"):
            found.append(Ability.HOME)
        if "Imaging" in self._paths and self._source:
            found.append(Ability.FOCUS)
            iris = Iris(lambda body: self._asked(self._paths["Imaging"], body), self._source)
            if iris.find():
                self._iris = iris
                found.append(Ability.IRIS)
        self.abilities = tuple(found)

    def _relative(self, node: Element) -> tuple[str, float, float, float] | None:
        """The space of its steps and one step to the side, up and nearer; None for a head that takes none."""
        spaces = soap.every(node, "RelativePanTiltTranslationSpace")
        if not spaces:
            return None
        by_uri = {soap.text_of(soap.first(each, "URI")): each for each in spaces}
        uri = max(by_uri, key=lambda each: (each.endswith("Degrees"), each.endswith("Fov")))
        zoom = soap.first(node, "RelativeZoomTranslationSpace", "XRange")
        nearer = 0.0 if zoom is None else _range(zoom, -1.0, 1.0)[1] / 20
        if uri.endswith("Degrees"):
            return uri, STEP_DEG, STEP_DEG, nearer
        if uri.endswith("Fov"):
            return uri, _STEP_FOV, _STEP_FOV, nearer
        sides = []
        for name, (low, high) in (("XRange", self._span.pan_deg), ("YRange", self._span.tilt_deg)):
            least, most = _range(soap.first(by_uri[uri], name), -1.0, 1.0)
            sides.append((most - least) * STEP_DEG / max(high - low, STEP_DEG))
        return uri, sides[0], sides[1], nearer

    def _presets(self) -> tuple[Preset, ...]:
        if Ability.PRESETS not in self.abilities:
            return ()
        answer = self._ptz(f"<GetPresets {_PTZ}>{self._token()}</GetPresets>")
        found: dict[str, Preset] = {}
        for each in soap.every(answer, "Preset")[:PRESETS_MOST]:
            token, position = each.get("token", ""), soap.first(each, "PTZPosition")
            if not 0 < len(token) <= 64:
                continue
            name = soap.text_of(soap.first(each, "Name"))[:80]
            found[token] = Preset(token=token, name=name, pose=None if position is None else self._pose(position))
        return tuple(found.values())

    # ------------------------------------------------------------ numbers

    def _pose(self, position: Element) -> Pose | None:
        """A position in degrees; None where the camera tells no angles."""
        turned, zoomed = soap.first(position, "PanTilt"), soap.first(position, "Zoom")
        if turned is None:
            return None
        x, y = soap.number(turned.get("x")), soap.number(turned.get("y"))
        if not (turned.get("space") or self._space).endswith(_DEGREES):
            left, right, low, high = self._ranges if not self._space.endswith(_DEGREES) else (-1.0, 1.0, -1.0, 1.0)
            x, y = _laid(x, (left, right), self._span.pan_deg), _laid(y, (low, high), self._span.tilt_deg)
        zoom = 1.0 if zoomed is None else _laid(soap.number(zoomed.get("x")), self._zooms, (1.0, self.zoom_most))
        return clipped(Pose(x, y, zoom), self.zoom_most)

    def _written(self, pose: Pose) -> tuple[float, float]:
        """Pan and tilt as the camera's space has them, within what it can."""
        left, right, low, high = self._ranges
        pan, tilt = pose.pan_deg, pose.tilt_deg
        if not self._space.endswith(_DEGREES):
            pan, tilt = _laid(pan, self._span.pan_deg, (left, right)), _laid(tilt, self._span.tilt_deg, (low, high))
        return min(max(left, right), max(min(left, right), pan)), min(max(low, high), max(min(low, high), tilt))

    # ------------------------------------------------------------ asking

    def _focus(self, speed: float) -> None:
        if Ability.FOCUS not in self.abilities:
            raise PtzFault(PtzTrouble.UNABLE, "focus")
        source = f"<VideoSourceToken>{escape(self._source)}</VideoSourceToken>"
        order = f"<Focus><t:Continuous><t:Speed>{speed:.4f}</t:Speed></t:Continuous></Focus>"
        body = f"<Move {_IMAGING}>{source}{order}</Move>" if speed else f"<Stop {_IMAGING}>{source}</Stop>"
        self._asked(self._paths["Imaging"], body)

    def _token(self) -> str:
        return f"<ProfileToken>{escape(self._profile)}</ProfileToken>"

    def _ptz(self, body: str) -> Element:
        return self._asked(self._paths["PTZ"], body)

    def _asked(self, path: str, body: str) -> Element:
        return soap.asked(self._asker, path, body, self._credentials, self._now() + self._ahead)


def _range(element: Element | None, low: float, high: float) -> tuple[float, float]:
    """Least and greatest of a space; one without extent is the usual one."""
    least = soap.number(soap.text_of(soap.first(element, "Min")), low)
    most = soap.number(soap.text_of(soap.first(element, "Max")), high)
    return (least, most) if most - least > 1e-6 else (low, high)


def _laid(value: float, ours: tuple[float, float], theirs: tuple[float, float]) -> float:
    """A value of one range as the same part of another."""
    share = (value - ours[0]) / ((ours[1] - ours[0]) or 1.0)
    return theirs[0] + share * (theirs[1] - theirs[0])
