"""The simulator's cameras as real network streams."""

import asyncio
import tempfile
import threading
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from controlroom.clock import Clock
from controlroom.domain.ptz import Pose
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.sources.simulator.mpegts import Muxer, TransportStreamServer
from controlroom.sources.simulator.onvif_server import OnvifServer
from controlroom.sources.simulator.ptz_motor import Motor
from controlroom.sources.simulator.rtsp import RtspServer
from controlroom.sources.simulator.scene import SceneCamera, Transport
from controlroom.sources.simulator.video_channel import CameraFault, Channel
from controlroom.sources.simulator.video_source import LiveScene

FRAMES_PER_S = 12.5
_CLIP_S = 8
_MAIN = "-main"
_MAIN_SCALE = 2
_WORKERS = 2
_T = TypeVar("_T")


def spread(cameras: Iterable[SceneCamera]) -> tuple[SceneCamera, ...]:
    """The same cameras, every second one reached by HTTP and the others by RTSP, every fourth at night."""
    return tuple(
        msgspec.structs.replace(
            camera, transport=Transport.HTTP if k % 2 else Transport.RTSP, night=camera.night or k % 4 == 3
        )
        for k, camera in enumerate(cameras)
    )


class CameraServer:
    """Serves cameras by RTSP, HTTP and as files, and breaks them on demand; it owns a thread with an asyncio loop.

    Each camera on the network has two streams of the same street: a small one and a main one of four times the pixels.
    Methods may be called from any thread. Pictures are drawn and encoded by two workers, only while they are watched.
    """

    def __init__(
        self,
        cameras: Sequence[SceneCamera],
        clock: Clock,
        *,
        host: str = "127.0.0.1",
        rtsp_port: int = 0,
        http_port: int = 0,
        password: str = "",
    ) -> None:
        """Cameras with a head are steered by ONVIF, as `USER` with this password; without one there is no server."""
        self._cameras = {camera.id: camera for camera in cameras}
        self._clock = clock
        self._host = host
        self._asked_ports = (rtsp_port, http_port)
        self._rain_mm_h = 0.0
        self._channels: dict[str, Channel] = {}
        self._rtsp = RtspServer(self._channels)
        self._http = TransportStreamServer(self._channels)
        self.motors = {camera.id: Motor(clock) for camera in cameras if camera.has_head and password}
        self.onvif = OnvifServer(self.motors, clock, password)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._turn, name="cameras", daemon=True)
        self._workers = ThreadPoolExecutor(_WORKERS, "camera-pictures")
        self._clips: tempfile.TemporaryDirectory[str] | None = None

    @property
    def ports(self) -> tuple[int, int]:
        """The ports of RTSP and HTTP, known once it is started."""
        return self._rtsp.port, self._http.port

    def start(self) -> None:
        """Listen and record the file cameras. Raises EnvironmentFault where a port is taken."""
        self._thread.start()
        here = threading.Barrier(_WORKERS + 1)  # the pool starts a thread only when the others are busy
        for _worker in range(_WORKERS):
            self._workers.submit(here.wait)
        here.wait()
        try:
            self._do(self._listen())
        except OSError as error:
            self.close()
            sentence = _(
                "The simulated cameras cannot listen on ports {rtsp} and {http}: {reason}. Choose other ports."
            )
            rtsp, http = self._asked_ports
            raise EnvironmentFault(sentence.format(rtsp=rtsp, http=http, reason=error.strerror)) from error
        for camera in self._cameras.values():
            if camera.transport is Transport.FILE:
                self._record(camera)

    def close(self) -> None:
        """End all connections and join the threads."""
        if self._thread.is_alive():
            self._do(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()
        self._workers.shutdown()
        if self._clips is not None:
            self._clips.cleanup()
            self._clips = None

    def url(self, camera_id: str) -> str:
        """Where a camera's small stream is. Raises KeyError for one that is not served."""
        return self._url(camera_id, "")

    def main_url(self, camera_id: str) -> str:
        """Where its main stream is; a file has but one. Raises KeyError for one that is not served."""
        return self._url(camera_id, _MAIN)

    def _url(self, camera_id: str, which: str) -> str:
        camera, name = self._cameras[camera_id], quote(camera_id + which)
        if camera.transport is Transport.HTTP:
            return f"http://{self._host}:{self._http.port}/{name}.ts"
        if camera.transport is Transport.FILE:
            return self._clip(camera).as_uri()
        return f"rtsp://{self._host}:{self._rtsp.port}/{name}"

    def ptz_url(self, camera_id: str) -> str:
        """Where a camera is steered, empty for one without a head."""
        if camera_id not in self.motors:
            return ""
        return f"onvif:http://{self._host}:{self.onvif.port}/{quote(camera_id, safe='')}/device_service"

    def set_rain(self, mm_h: float) -> None:
        """Let it rain on all cameras, in mm/h; from 30 on the street floods."""
        self._rain_mm_h = max(0.0, mm_h)

    def fault(self, camera_id: str, kind: CameraFault) -> None:
        """Break a camera, or repair it with NONE. Raises KeyError for one that is not served."""
        for which in ("", _MAIN):
            self._loop.call_soon_threadsafe(self._channels[camera_id + which].inject, kind)

    def watched(self) -> frozenset[str]:
        """The cameras whose pictures are being made."""
        names = (name for name, channel in tuple(self._channels.items()) if channel.watched)
        return frozenset(name.removesuffix(_MAIN) for name in names)

    def _turn(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        for camera in self._cameras.values():
            self._channels[camera.id] = self._channel(camera, 1)
            self._channels[camera.id + _MAIN] = self._channel(camera, _MAIN_SCALE)
        await self._rtsp.start(self._host, self._asked_ports[0])
        await self._http.start(self._host, self._asked_ports[1])
        if self.motors:
            await self.onvif.start(self._host)

    async def _end(self) -> None:
        await self._rtsp.close()
        await self._http.close()
        await self.onvif.close()
        for channel in self._channels.values():
            await channel.close()

    def _channel(self, camera: SceneCamera, scale: int) -> Channel:
        return Channel(lambda: self._scene(camera, scale), self._workers)

    def _scene(self, camera: SceneCamera, scale: int) -> LiveScene:
        def stuck() -> bool:
            return self._channels[camera.id].fault is CameraFault.STUCK

        motor = self.motors.get(camera.id)

        def view() -> Pose | None:
            return None if motor is None else motor.pose()

        return LiveScene(camera, self._clock, lambda: self._rain_mm_h, stuck, FRAMES_PER_S, scale, view)

    def _clip(self, camera: SceneCamera) -> Path:
        if self._clips is None:
            self._clips = tempfile.TemporaryDirectory(prefix="controlroom-cameras-")
        return Path(self._clips.name) / f"{quote(camera.id, safe='')}.ts"

    def _record(self, camera: SceneCamera) -> None:
        source, muxer = self._scene(camera, 1), Muxer()
        count = int(_CLIP_S * FRAMES_PER_S)
        self._clip(camera).write_bytes(b"".join(muxer.packets(source.next(k == 0)) for k in range(count)))
