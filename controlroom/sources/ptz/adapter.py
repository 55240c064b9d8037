"""The adapter: takes the hub's orders and hands them to a worker for each camera, beside the hub and not in it."""

import logging
import threading
from collections import deque
from pathlib import Path
from typing import Annotated

import msgspec
import zmq
from msgspec import Meta, Struct

from controlroom.clock import Clock
from controlroom.domain.ptz import PtzTrouble, PtzUnit
from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.sources.ptz import onvif, platform_head
from controlroom.sources.ptz.fault import PtzFault
from controlroom.sources.ptz.head import Head, Span
from controlroom.sources.ptz.http_asked import Credentials
from controlroom.sources.ptz.worker import Open, Worker
from controlroom.wire import codec, sockets
from controlroom.wire.keys import KeyPair
from controlroom.wire.messages import LIVE, Denied, Question, Request
from controlroom.wire.ptz import PtzAdapterHere, PtzOrder, PtzOrders, TellPtz

_log = logging.getLogger(__name__)

GREET_S = 1.0
SILENT_S = 4.0
"""A hub that did not answer for so long is dialled anew."""
WORKERS_MOST = 200
FILE = "ptz_cameras.toml"


class KnownCamera(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a district writes of one camera: its own credentials, and what its unitless numbers mean."""

    id: str
    user: str | None = None
    password: str | None = None
    pan_deg: tuple[float, float] = (-180.0, 180.0)
    tilt_deg: tuple[float, float] = (-90.0, 90.0)
    zoom_most: Annotated[float, Meta(ge=1.0, le=100.0)] = 20.0


class _Book(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    camera: tuple[KnownCamera, ...] = ()


class Cameras(Struct, frozen=True, kw_only=True):
    """How cameras are reached: who we are, the platform's template, and what is known of single cameras."""

    credentials: Credentials = Credentials()
    platform: str = ""
    method: str = "GET"
    known: dict[str, KnownCamera] = {}

    def head(self, order: PtzOrder) -> Head:
        """The head of a camera. Raises PtzFault for an address that is none."""
        known = self.known.get(order.camera, KnownCamera(id=order.camera))
        ours = self.credentials
        user = ours.user if known.user is None else known.user
        credentials = Credentials(user, ours.password if known.password is None else known.password)
        if order.address.startswith(onvif.SCHEME):
            span = Span(pan_deg=known.pan_deg, tilt_deg=known.tilt_deg, zoom_most=known.zoom_most)
            return onvif.OnvifHead(order.address, credentials, span)
        if order.address.startswith(platform_head.SCHEME):
            return platform_head.PlatformHead(order.address, self.platform, credentials, self.method)
        raise PtzFault(PtzTrouble.ADDRESS)


def read_cameras(file: Path) -> dict[str, KnownCamera]:
    """What a district wrote of its cameras; nothing where there is no file. Raises EnvironmentFault."""
    try:
        book = msgspec.toml.decode(file.read_bytes(), type=_Book)
    except FileNotFoundError:
        return {}
    except OSError as error:
        sentence = _("The list of cameras {file} cannot be opened: {reason}. Make the file readable for this user.")
        raise EnvironmentFault(sentence.format(file=file, reason=error.strerror or error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # The words of the decoder may quote the file, which holds passwords.
        sentence = _("The list of cameras {file} is wrong; correct it or move the file away.")
        raise EnvironmentFault(sentence.format(file=file)) from error
    return {camera.id: camera for camera in book.camera}


class Adapter:
    """One thread owns the socket to the hub; `close` ends it and the workers, after they stopped their cameras."""

    def __init__(
        self,
        endpoint: str,
        cameras: Open,
        clock: Clock,
        *,
        name: str = "ptz",
        keys: KeyPair | None = None,
        hub_key: bytes | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._cameras = cameras
        self._clock = clock
        self._name = name
        self._keys = keys
        self._hub_key = hub_key
        self._workers: dict[str, Worker] = {}
        self._told: deque[PtzUnit] = deque(maxlen=4096)
        self._waker = sockets.Waker()
        self._closing = threading.Event()
        self._number = 0
        self._heard_at = 0.0
        self._thread = threading.Thread(target=self._run, name="ptz-adapter")

    def start(self) -> None:
        """Begin; a hub that is not there is waited for."""
        self._thread.start()

    def close(self) -> None:
        """Stop every camera that moves and end."""
        self._closing.set()
        self._waker.ring()
        if self._thread.ident is not None:
            self._thread.join()
        for worker in self._workers.values():
            worker.close()
        for worker in self._workers.values():
            worker.join(3.0)
        self._waker.close()

    @property
    def failed(self) -> bool:
        """Whether the thread ended without being asked to."""
        return not self._closing.is_set() and not self._thread.is_alive()

    def _run(self) -> None:
        context = sockets.Context()
        try:
            while not self._closing.is_set():
                self._connected(context)
        except Exception:  # noqa: BLE001  # the thread's top: the process ends and is started again
            _log.exception("the adapter's thread has ended")
        finally:
            context.destroy(linger=0)

    def _connected(self, context: sockets.Context) -> None:
        socket = sockets.client(context, zmq.DEALER, self._keys, self._hub_key)
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        poller.register(self._waker.fileno(), zmq.POLLIN)
        try:
            socket.connect(self._endpoint)
            self._heard_at = self._clock.monotonic()
            greet_at = self._heard_at
            while not self._closing.is_set():
                now = self._clock.monotonic()
                if now >= greet_at:
                    self._ask(socket, PtzAdapterHere(name=self._name))
                    greet_at = now + GREET_S
                if now - self._heard_at > SILENT_S:
                    return
                ready = dict(poller.poll(max(1, round(1000 * (greet_at - now)))))
                if self._waker.fileno() in ready:
                    self._waker.hush()
                if socket in ready:
                    self._drain(socket)
                self._report(socket)
        finally:
            socket.close(0)

    def _drain(self, socket: sockets.Socket) -> None:
        while True:
            try:
                frame = socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                reply = codec.reply(frame)
            except codec.MALFORMED as error:
                _log.warning("the hub's answer cannot be read: %s", error)
                continue
            self._heard_at = self._clock.monotonic()
            if isinstance(reply.body, PtzOrders):
                for order in reply.body.orders:
                    self._take(order)
            elif isinstance(reply.body, Denied):
                _log.info("the hub refuses: %s", reply.body.text)

    def _take(self, order: PtzOrder) -> None:
        worker = self._workers.get(order.camera)
        if worker is not None and worker.is_alive:
            worker.take(order)
            return
        if order.act == "close":
            return
        self._workers = {camera: held for camera, held in self._workers.items() if held.is_alive}
        if len(self._workers) >= WORKERS_MOST:
            self._tell(PtzUnit(camera=order.camera, trouble=PtzTrouble.DECLINED, detail="too many cameras at once"))
            return
        self._workers[order.camera] = Worker(order, self._cameras, self._tell, self._clock)

    def _tell(self, unit: PtzUnit) -> None:
        self._told.append(unit)
        self._waker.ring()

    def _report(self, socket: sockets.Socket) -> None:
        newest: dict[str, PtzUnit] = {}
        while self._told:
            unit = self._told.popleft()
            newest[unit.camera] = unit
        for unit in newest.values():
            # One by one: a camera that the hub does not know (any more) must not take the others with it.
            self._ask(socket, TellPtz(units=(unit,)))

    def _ask(self, socket: sockets.Socket, question: Question) -> None:
        self._number += 1
        try:
            socket.send(codec.encode(Request(id=self._number, body=question, realm=LIVE)), zmq.NOBLOCK)
        except zmq.Again:
            _log.debug("the hub is not there")
