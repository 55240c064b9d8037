"""The ONVIF side of the simulated cameras: SOAP over HTTP, with the password digest of WS-Security.

Enough of the device, media, PTZ and imaging services for any client of Profile S to steer a camera; each camera has
paths of its own. Faults can be put in, as real cameras have them.
"""

import asyncio
import base64
import enum
import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from controlroom.clock import Clock
from controlroom.domain.ptz import Pose, Preset
from controlroom.sources.simulator.ptz_motor import PAN_DEG, PRESETS_MOST, TILT_DEG, ZOOM, Motor

_log = logging.getLogger(__name__)

USER = "operator"
_LARGEST = 64 * 1024
_WITHIN = timedelta(seconds=10)
"""How far a digest's time may be off."""
_SPACES = "http://www.onvif.org/ver10/tptz"
_DEGREES = f"{_SPACES}/PanTiltSpaces/SphericalPositionSpaceDegrees"
_ZOOMS = f"{_SPACES}/ZoomSpaces/PositionGenericSpace"
_NAMES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:timg="http://www.onvif.org/ver20/imaging/wsdl" '
    'xmlns:ter="http://www.onvif.org/ver10/error"'
)


class OnvifFault(enum.StrEnum):
    """What can be wrong with the steering of a simulated camera."""

    NONE = "none"
    SILENT = "silent"
    """Questions are taken and never answered."""
    GARBAGE = "garbage"
    CUT = "cut"
    """The connection ends instead of an answer."""
    FORBIDDEN = "forbidden"
    BROKEN = "broken"
    """Everything is declined with a SOAP fault."""
    NO_HEAD = "no_head"
    """A camera without a PTZ service."""
    DRIP = "drip"
    """The answer comes a byte at a time."""


class _Declined(Exception):
    """A SOAP fault: subcode and reason."""

    def __init__(self, subcode: str, reason: str) -> None:
        super().__init__(reason)
        self.subcode = subcode


class OnvifServer:
    """Serves all heads; everything but the motors runs on one asyncio loop."""

    def __init__(self, motors: Mapping[str, Motor], clock: Clock, password: str) -> None:
        self._motors = motors
        self._clock = clock
        self._password = password
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._used: dict[bytes, None] = {}
        self.port = 0
        self.faults: dict[str, OnvifFault] = {}
        self.focus: dict[str, float] = {}
        self.exposures: dict[str, tuple[str, float]] = {}
        """Mode of the exposure and attenuation of the iris in dB, of cameras where somebody set them."""
        self.without_iris: set[str] = set()
        self.stepping: set[str] = set()
        """Cameras whose heads take steps alone, and no speeds."""

    async def start(self, host: str) -> None:
        """Listen on any free port."""
        self._server = await asyncio.start_server(self._serve, host)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut all connections."""
        if self._server is not None:
            self._server.close()
        rounds = tuple(self._open)
        for each in rounds:
            each.cancel()
        await asyncio.gather(*rounds, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._round(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            _log.debug("a client of the cameras is gone")
        except asyncio.CancelledError:
            writer.transport.abort()  # the server ends; asyncio would tell of a task that was cancelled
        finally:
            self._open.discard(task)
            writer.close()

    async def _round(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One question; whether another may follow."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        words = head[0].split(" ")
        fields = {n.strip().lower(): v.strip() for n, _c, v in (line.partition(":") for line in head[1:])}
        length = int(fields.get("content-length", "0") or 0)
        if len(words) != 3 or not 0 <= length <= _LARGEST:
            return False
        question = await reader.readexactly(length)
        camera = unquote(words[1].strip("/").split("/")[0])
        motor = self._motors.get(camera)
        if motor is None:
            _reply(writer, "404 Not Found", b"")
            return True
        fault = self.faults.get(camera, OnvifFault.NONE)
        if fault is OnvifFault.CUT:
            return False
        if fault is OnvifFault.SILENT:
            await asyncio.sleep(3600)
        if fault is OnvifFault.GARBAGE:
            _reply(writer, "200 OK", b"\x00<not><xml\xff" * 20)
            return True
        if fault is OnvifFault.FORBIDDEN:
            _reply(writer, "401 Unauthorized", b"")
            return True
        status, answer = self._answer(camera, motor, question, fault)
        if fault is OnvifFault.DRIP:
            await _drip(writer, answer)
        else:
            _reply(writer, status, answer)
        return True

    # ------------------------------------------------------------ answers

    def _answer(self, camera: str, motor: Motor, question: bytes, fault: OnvifFault) -> tuple[str, bytes]:
        try:
            if b"<!DOCTYPE" in question or b"<!ENTITY" in question:
                raise _Declined("ter:WellFormed", "document types are not taken")
            try:
                root = ElementTree.fromstring(question)
            except (ElementTree.ParseError, ValueError, LookupError) as error:
                raise _Declined("ter:WellFormed", "no XML") from error
            body = next((child for child in root if _name(child) == "Body"), None)
            if body is None or not len(body):
                raise _Declined("ter:WellFormed", "no body")
            action = _name(body[0])
            if action != "GetSystemDateAndTime":
                self._admit(root)
            if fault is OnvifFault.BROKEN and action not in ("GetSystemDateAndTime", "GetCapabilities", "GetProfiles"):
                raise _Declined("ter:Action", "the motor is blocked")
            made = _ACTIONS.get(action)
            if made is None:
                raise _Declined("ter:ActionNotSupported", f"{action} is not known here")
            return "200 OK", _envelope(made(self, camera, motor, body[0]))
        except _Declined as declined:
            status = "401 Unauthorized" if declined.subcode == "ter:NotAuthorized" else "400 Bad Request"
            return status, _envelope(_soap_fault(declined))

    def _admit(self, root: ElementTree.Element) -> None:
        """The password digest of WS-Security UsernameToken 1.0; each nonce is good once."""
        nonce, created = _text(root, "Nonce"), _text(root, "Created")
        try:
            raw = base64.b64decode(nonce, validate=True)
        except ValueError as error:
            raise _Declined("ter:NotAuthorized", "Sender not Authorized") from error
        made = base64.b64encode(hashlib.sha1(raw + created.encode() + self._password.encode()).digest()).decode()
        is_ours = _text(root, "Username") == USER and hmac.compare_digest(made, _text(root, "Password"))
        now = self._clock.now()
        times = {(now + timedelta(seconds=k)).strftime("%Y-%m-%dT%H:%M:%S") for k in range(-10, 11)}
        if not is_ours or raw in self._used or created[:19] not in times:
            raise _Declined("ter:NotAuthorized", "Sender not Authorized")
        self._used[raw] = None
        while len(self._used) > 4096:
            del self._used[next(iter(self._used))]

    def _clock_told(self, _camera: str, _motor: Motor, _asked: ElementTree.Element) -> str:
        at = self._clock.now()
        time = f"<tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second>"
        date = f"<tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day>"
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings>"
            f"<tt:UTCDateTime><tt:Time>{time}</tt:Time><tt:Date>{date}</tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _capabilities(self, camera: str, _motor: Motor, _asked: ElementTree.Element) -> str:
        # A camera tells the address that it has behind its own router; clients ask where they found it.
        host = f"http://192.0.2.7/{escape(camera)}"
        ptz = f"<tt:PTZ><tt:XAddr>{host}/ptz_service</tt:XAddr></tt:PTZ>"
        if self.faults.get(camera) is OnvifFault.NO_HEAD:
            ptz = ""
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities>"
            f"<tt:Imaging><tt:XAddr>{host}/imaging_service</tt:XAddr></tt:Imaging>"
            f"<tt:Media><tt:XAddr>{host}/media_service</tt:XAddr><tt:StreamingCapabilities/></tt:Media>{ptz}"
            "</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _profiles(self, _camera: str, _motor: Motor, _asked: ElementTree.Element) -> str:
        still = '<trt:Profiles token="plain" fixed="true"><tt:Name>plain</tt:Name></trt:Profiles>'
        source = (
            '<tt:VideoSourceConfiguration token="vsc"><tt:Name>v</tt:Name><tt:UseCount>1</tt:UseCount>'
            '<tt:SourceToken>vs</tt:SourceToken><tt:Bounds x="0" y="0" width="1280" height="720"/>'
            "</tt:VideoSourceConfiguration>"
        )
        turning = (
            '<tt:PTZConfiguration token="ptz"><tt:Name>p</tt:Name><tt:UseCount>1</tt:UseCount>'
            "<tt:NodeToken>node</tt:NodeToken></tt:PTZConfiguration>"
        )
        main = f'<trt:Profiles token="main" fixed="true"><tt:Name>main</tt:Name>{source}{turning}</trt:Profiles>'
        return f"<trt:GetProfilesResponse>{still}{main}</trt:GetProfilesResponse>"

    def _node(self, camera: str, _motor: Motor, asked: ElementTree.Element) -> str:
        if _text(asked, "NodeToken") != "node":
            raise _Declined("ter:NoEntity", "no such node")
        moved = (
            f"<tt:ContinuousPanTiltVelocitySpace><tt:URI>{_SPACES}/PanTiltSpaces/VelocityGenericSpace</tt:URI>"
            f"{_span('X', (-1, 1))}{_span('Y', (-1, 1))}</tt:ContinuousPanTiltVelocitySpace>"
            f"<tt:ContinuousZoomVelocitySpace><tt:URI>{_SPACES}/ZoomSpaces/VelocityGenericSpace</tt:URI>"
            f"{_span('X', (-1, 1))}</tt:ContinuousZoomVelocitySpace>"
        )
        if camera in self.stepping:
            moved = (
                f"<tt:RelativePanTiltTranslationSpace><tt:URI>{_SPACES}/PanTiltSpaces/TranslationGenericSpace</tt:URI>"
                f"{_span('X', (-1, 1))}{_span('Y', (-1, 1))}</tt:RelativePanTiltTranslationSpace>"
                f"<tt:RelativeZoomTranslationSpace><tt:URI>{_SPACES}/ZoomSpaces/TranslationGenericSpace</tt:URI>"
                f"{_span('X', (-1, 1))}</tt:RelativeZoomTranslationSpace>"
            )
        spaces = (
            f"<tt:AbsolutePanTiltPositionSpace><tt:URI>{_DEGREES}</tt:URI>{_span('X', PAN_DEG)}{_span('Y', TILT_DEG)}"
            f"</tt:AbsolutePanTiltPositionSpace><tt:AbsoluteZoomPositionSpace><tt:URI>{_ZOOMS}</tt:URI>"
            f"{_span('X', (0, 1))}</tt:AbsoluteZoomPositionSpace>{moved}"
        )
        return (
            '<tptz:GetNodeResponse><tptz:PTZNode token="node"><tt:Name>n</tt:Name>'
            f"<tt:SupportedPTZSpaces>{spaces}</tt:SupportedPTZSpaces>"
            f"<tt:MaximumNumberOfPresets>{PRESETS_MOST}</tt:MaximumNumberOfPresets>"
            "<tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode></tptz:GetNodeResponse>"
        )

    def _status(self, _camera: str, motor: Motor, _asked: ElementTree.Element) -> str:
        state = "MOVING" if motor.is_moving else "IDLE"
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f"<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position>{_position(motor.pose())}</tt:Position>"
            f"<tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt><tt:Zoom>{state}</tt:Zoom></tt:MoveStatus>"
            f"<tt:UtcTime>{at}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

    def _presets(self, _camera: str, motor: Motor, _asked: ElementTree.Element) -> str:
        return f"<tptz:GetPresetsResponse>{''.join(map(_preset, motor.presets))}</tptz:GetPresetsResponse>"

    def _move(self, camera: str, motor: Motor, asked: ElementTree.Element) -> str:
        if camera in self.stepping:
            raise _Declined("ter:SpaceNotSupported", "no speeds")
        turn, zoom = _first(asked, "PanTilt"), _first(asked, "Zoom")
        for_s = _number(_text(asked, "Timeout").removeprefix("PT").removesuffix("S") or "10")
        x, y = (0.0, 0.0) if turn is None else (_number(turn.get("x")), _number(turn.get("y")))
        nearer = 0.0 if zoom is None else _number(zoom.get("x"))
        if max(abs(x), abs(y), abs(nearer)) > 1:
            raise _Declined("ter:InvalidVelocity", "too fast")
        motor.move(x, y, nearer, for_s)
        return "<tptz:ContinuousMoveResponse/>"

    def _step(self, _camera: str, motor: Motor, asked: ElementTree.Element) -> str:
        turn, zoom, pose = _first(asked, "PanTilt"), _first(asked, "Zoom"), motor.pose()
        x, y = (0.0, 0.0) if turn is None else (_number(turn.get("x")), _number(turn.get("y")))
        nearer = 0.0 if zoom is None else _number(zoom.get("x"))
        if max(abs(x), abs(y), abs(nearer)) > 1:
            raise _Declined("ter:InvalidTranslation", "too far")
        pan, tilt = pose.pan_deg + x * 180.0, pose.tilt_deg + y * 90.0
        motor.go(
            Pose(
                min(PAN_DEG[1], max(PAN_DEG[0], pan)),
                min(TILT_DEG[1], max(TILT_DEG[0], tilt)),
                min(ZOOM[1], max(1.0, pose.zoom + nearer * (ZOOM[1] - 1))),
            )
        )
        return "<tptz:RelativeMoveResponse/>"

    def _go(self, _camera: str, motor: Motor, asked: ElementTree.Element) -> str:
        turn, zoom, pose = _first(asked, "PanTilt"), _first(asked, "Zoom"), motor.pose()
        pan, tilt = (pose.pan_deg, pose.tilt_deg)
        if turn is not None:
            pan, tilt = _number(turn.get("x")), _number(turn.get("y"))
            if not (PAN_DEG[0] <= pan <= PAN_DEG[1] and TILT_DEG[0] <= tilt <= TILT_DEG[1]):
                raise _Declined("ter:InvalidPosition", "out of range")
        share = (pose.zoom - 1) / (ZOOM[1] - 1) if zoom is None else _number(zoom.get("x"))
        motor.go(Pose(pan, tilt, 1 + (ZOOM[1] - 1) * min(1.0, max(0.0, share))))
        return "<tptz:AbsoluteMoveResponse/>"

    def _stop(self, camera: str, motor: Motor, asked: ElementTree.Element) -> str:
        if "imaging" in asked.tag:
            self.focus[camera] = 0.0
            return "<timg:StopResponse/>"
        motor.stop()
        return "<tptz:StopResponse/>"

    def _call(self, _camera: str, motor: Motor, asked: ElementTree.Element) -> str:
        _entity(lambda: motor.call(_text(asked, "PresetToken")))
        return "<tptz:GotoPresetResponse/>"

    def _go_home(self, _camera: str, motor: Motor, _asked: ElementTree.Element) -> str:
        motor.home()
        return "<tptz:GotoHomePositionResponse/>"

    def _save(self, _camera: str, motor: Motor, asked: ElementTree.Element) -> str:
        kept: list[str] = []
        _entity(lambda: kept.append(motor.save(_text(asked, "PresetToken"), _text(asked, "PresetName"))))
        return f"<tptz:SetPresetResponse><tptz:PresetToken>{kept[0]}</tptz:PresetToken></tptz:SetPresetResponse>"

    def _remove(self, _camera: str, motor: Motor, asked: ElementTree.Element) -> str:
        _entity(lambda: motor.remove(_text(asked, "PresetToken")))
        return "<tptz:RemovePresetResponse/>"

    def _focus(self, camera: str, _motor: Motor, asked: ElementTree.Element) -> str:
        self.focus[camera] = _number(_text(asked, "Speed"))
        return "<timg:MoveResponse/>"

    def _imaging_options(self, camera: str, _motor: Motor, _asked: ElementTree.Element) -> str:
        iris = "" if camera in self.without_iris else "<tt:Iris><tt:Min>0</tt:Min><tt:Max>30</tt:Max></tt:Iris>"
        return (
            "<timg:GetOptionsResponse><timg:ImagingOptions><tt:Exposure><tt:Mode>AUTO</tt:Mode>"
            f"<tt:Mode>MANUAL</tt:Mode>{iris}</tt:Exposure></timg:ImagingOptions></timg:GetOptionsResponse>"
        )

    def _imaging(self, camera: str, _motor: Motor, _asked: ElementTree.Element) -> str:
        mode, iris = self.exposures.get(camera, ("AUTO", 12.0))
        return (
            "<timg:GetImagingSettingsResponse><timg:ImagingSettings><tt:Exposure>"
            f"<tt:Mode>{mode}</tt:Mode><tt:ExposureTime>20000</tt:ExposureTime><tt:Gain>3</tt:Gain>"
            f"<tt:Iris>{iris:.4f}</tt:Iris></tt:Exposure></timg:ImagingSettings></timg:GetImagingSettingsResponse>"
        )

    def _set_imaging(self, camera: str, _motor: Motor, asked: ElementTree.Element) -> str:
        mode, told = _text(asked, "Mode"), _text(asked, "Iris")
        if mode not in ("AUTO", "MANUAL"):
            raise _Declined("ter:InvalidArgVal", f"no mode {mode[:20]}")
        before = self.exposures.get(camera, ("AUTO", 12.0))[1]
        self.exposures[camera] = mode, _number(told) if told else before
        return "<timg:SetImagingSettingsResponse/>"


_ACTIONS: dict[str, Callable[[OnvifServer, str, Motor, ElementTree.Element], str]] = {
    "GetSystemDateAndTime": OnvifServer._clock_told,
    "GetCapabilities": OnvifServer._capabilities,
    "GetProfiles": OnvifServer._profiles,
    "GetNode": OnvifServer._node,
    "GetStatus": OnvifServer._status,
    "GetPresets": OnvifServer._presets,
    "ContinuousMove": OnvifServer._move,
    "AbsoluteMove": OnvifServer._go,
    "RelativeMove": OnvifServer._step,
    "Stop": OnvifServer._stop,
    "GotoPreset": OnvifServer._call,
    "GotoHomePosition": OnvifServer._go_home,
    "SetPreset": OnvifServer._save,
    "RemovePreset": OnvifServer._remove,
    "Move": OnvifServer._focus,
    "GetOptions": OnvifServer._imaging_options,
    "GetImagingSettings": OnvifServer._imaging,
    "SetImagingSettings": OnvifServer._set_imaging,
}


def _entity(work: Callable[[], object]) -> None:
    try:
        work()
    except KeyError as error:
        raise _Declined("ter:NoToken", f"no preset {error}") from error


def _envelope(body: str) -> bytes:
    return (f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_NAMES}><s:Body>{body}</s:Body></s:Envelope>').encode()


def _soap_fault(declined: _Declined) -> str:
    return (
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{declined.subcode}</s:Value></s:Subcode>"
        f'</s:Code><s:Reason><s:Text xml:lang="en">{escape(str(declined))}</s:Text></s:Reason></s:Fault>'
    )


def _span(axis: str, span: tuple[float, float]) -> str:
    return f"<tt:{axis}Range><tt:Min>{span[0]}</tt:Min><tt:Max>{span[1]}</tt:Max></tt:{axis}Range>"


def _position(pose: Pose) -> str:
    share = (pose.zoom - 1) / (ZOOM[1] - 1)
    return (
        f'<tt:PanTilt x="{pose.pan_deg:.6f}" y="{pose.tilt_deg:.6f}" space="{_DEGREES}"/>'
        f'<tt:Zoom x="{share:.8f}" space="{_ZOOMS}"/>'
    )


def _preset(preset: Preset) -> str:
    where = f"<tt:PTZPosition>{_position(preset.pose)}</tt:PTZPosition>" if preset.pose is not None else ""
    return f"<tptz:Preset token={quoteattr(preset.token)}><tt:Name>{escape(preset.name)}</tt:Name>{where}</tptz:Preset>"


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _first(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((child for child in element.iter() if _name(child) == name), None)


def _text(element: ElementTree.Element, name: str) -> str:
    found = _first(element, name)
    return (found.text or "").strip() if found is not None else ""


def _number(text: str | None) -> float:
    try:
        value = float(text or "0")
    except ValueError as error:
        raise _Declined("ter:InvalidArgVal", "no number") from error
    if not abs(value) < 1e6:
        raise _Declined("ter:InvalidArgVal", "no number")
    return value


def _reply(writer: asyncio.StreamWriter, status: str, body: bytes) -> None:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/soap+xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)


async def _drip(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    for k in range(len(body)):
        writer.write(body[k : k + 1])
        await writer.drain()
        await asyncio.sleep(0.05)
