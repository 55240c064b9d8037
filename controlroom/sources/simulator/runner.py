"""The simulator's process: it speaks to a hub through the public ingest socket alone, as any foreign backend would."""

import argparse
import logging
import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec

import resources
from controlroom import children
from controlroom.clock import Clock, SystemClock
from controlroom.domain.asset import Asset
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.errors import EnvironmentFault, StoreFault
from controlroom.i18n import _
from controlroom.sources.client import HubClient
from controlroom.sources.feed import Feed
from controlroom.sources.outbox import Values
from controlroom.sources.simulator import assets, backends, bureau, district, geography, scenario, signals
from controlroom.sources.simulator.cameras import CameraServer, spread
from controlroom.sources.simulator.district import District
from controlroom.sources.simulator.network import Network
from controlroom.sources.simulator.scene import SceneCamera
from controlroom.sources.simulator.simulation import Simulation
from controlroom.sources.simulator.video_channel import CameraFault
from controlroom.sources.terms import FeedState
from controlroom.wire import keys
from controlroom.wire.messages import LIVE, Position, Realm, Record

_log = logging.getLogger(__name__)

_TICK_S = 1.0
_READINGS_PER_S = 2500.0
_DRAIN_S = 2.0

_HEADS = ("dome", "steerable")
"""Kinds of cameras that can be turned."""

IOT = "sim-iot"
VIDEO = "sim-video"
FLEET = "sim-fleet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `controlroom simulate`."""
    parser.add_argument(
        "--hub", default="tcp://127.0.0.1:7600", metavar=_("ADDRESS"), help=_("request address of the hub")
    )
    parser.add_argument("--realm", default=LIVE, help=_("live, or drill/NAME for a drill's hub"))
    parser.add_argument("--scenario", default="calm", help=_("calm, rainstorm, or the path of a TOML file"))
    parser.add_argument("--speed", type=float, default=1.0, help=_("how much faster the scenario runs than the clock"))
    parser.add_argument("--seed", type=int, default=1, help=_("another number makes another district"))
    parser.add_argument("--sensors", type=int, default=600, help=_("how many sensors, up to 130,000"))
    parser.add_argument("--cameras", type=int, default=60, help=_("how many cameras in the directory"))
    parser.add_argument("--streams", type=int, default=12, help=_("how many of the cameras have live streams"))
    parser.add_argument("--vehicles", type=int, default=90, help=_("how many vehicles"))
    parser.add_argument("--teams", type=int, default=40, help=_("how many teams"))
    parser.add_argument("--spaces", type=int, default=60, help=_("how many underground spaces, car parks and shelters"))
    parser.add_argument("--key", default="", metavar=_("FILE"), help=_("our secret key, for a hub on another machine"))
    parser.add_argument("--hub-key", default="", metavar=_("FILE"), help=_("the public key of the hub"))


def run(args: argparse.Namespace, ptz_password: str = "") -> int:
    """Feed the hub until SIGTERM, SIGINT or, with --exit-with-stdin, the end of the standard input.

    With a password, cameras with a head are steered by ONVIF. Waits for a hub that is not there and comes back to one
    that was away. Raises EnvironmentFault.
    """
    _check(args)
    stop = children.asked_to_end(getattr(args, "exit_with_stdin", False))
    serve(args, stop, SystemClock(), ptz_password)
    return 0


def serve(args: argparse.Namespace, stop: threading.Event, clock: Clock, ptz_password: str = "") -> None:
    """Build the district, connect, and tick until `stop`."""
    script = scenario.load(args.scenario)
    kinds = district.load_kinds()
    ground = geography.load(resources.path("district"))
    network = Network(ground)
    built = district.generate(
        ground,
        network,
        kinds,
        district.load_blueprint(),
        seed=args.seed,
        sensors=args.sensors,
        cameras=args.cameras,
        vehicles=args.vehicles,
    )
    things = assets.Assets(assets.load_plan(), ground, network, seed=args.seed, teams=args.teams, spaces=args.spaces)
    table = signals.load_signals()
    rate = sum(1.0 / table.kinds[sensor.kind].period_s for sensor in built.sensors)
    moved = signals.Signals(built, kinds, table, seed=args.seed, slowdown=max(1.0, rate / _READINGS_PER_S))
    streamed = built.cameras[: args.streams]
    scenes = [SceneCamera(id=each.id, name=each.name, has_head=each.kind in _HEADS) for each in streamed]
    streams = CameraServer(spread(scenes), clock, password=ptz_password)
    streams.start()
    client = HubClient(
        args.hub,
        realm=args.realm,
        clock=clock,
        keys=keys.load(Path(args.key)) if args.key else None,
        hub_key=keys.public_of(Path(args.hub_key)) if args.hub_key else None,
    )
    try:
        outlets = _Hub(client, streams, [camera.id for camera in streamed], script)
        simulation = Simulation(
            built,
            network,
            moved,
            script,
            backends.load_templates(),
            bureau.load_editions().get(script.warnings),
            kinds,
            outlets,
            seed=args.seed,
            assets=things,
        )
        client.start()
        outlets.declare(built, things.declared(clock.now()))
        _log.info("%s: %d sensors, %d cameras", script.title, len(built.sensors), len(built.cameras))
        _tick(simulation, outlets, args.speed, stop, clock)
    finally:
        client.close(_DRAIN_S)
        streams.close()


def _tick(simulation: Simulation, outlets: "_Hub", speed: float, stop: threading.Event, clock: Clock) -> None:
    """Tick once a second; a tick that came late lets the time pass that it missed, up to a few seconds."""
    listens = False
    told_at = clock.monotonic()
    following = told_at
    while not stop.wait(max(0.0, following - clock.monotonic())):
        now = clock.monotonic()
        listened, listens = listens, outlets.listens()
        if listens and not listened:
            simulation.report_all()
        simulation.tick(min(now - told_at, 5.0) * speed, clock.now())
        told_at = now
        following = max(following + _TICK_S, now)


class _Hub:
    """The feeds of all simulated backends, one source each."""

    def __init__(
        self, client: HubClient, streams: CameraServer, streamed: Iterable[str], script: scenario.Scenario
    ) -> None:
        named = {step.source for step in script.step if isinstance(step, scenario.Alarm | scenario.Clear)}
        told = {template.source for template in backends.load_templates()}
        sources = sorted({IOT, VIDEO, FLEET, assets.SOURCE, bureau.SOURCE} | named | told)
        self._feeds: dict[str, Feed] = {source: client.feed(source) for source in sources}
        self._streams = streams
        self._streamed = frozenset(streamed)
        self._lost = 0

    def declare(self, built: District, things: list[Asset]) -> None:
        """Tell the hub what there is."""
        self._feeds[IOT].declare_sensors(built.sensors)
        self._feeds[VIDEO].declare_cameras([self._addressed(camera) for camera in built.cameras])
        self._feeds[FLEET].declare_vehicles(built.vehicles)
        self._feeds[assets.SOURCE].declare_assets(things)

    def _addressed(self, camera: Camera) -> Camera:
        if camera.id not in self._streamed:
            return camera
        main, small = self._streams.main_url(camera.id), self._streams.url(camera.id)
        health, ptz = CameraHealth.ONLINE, self._streams.ptz_url(camera.id)
        return msgspec.structs.replace(camera, url=main, sub_url=small, health=health, ptz=ptz)

    def listens(self) -> bool:
        """Whether the hub is there and knows every sensor."""
        feed = self._feeds[IOT]
        return feed.ready() and feed.status().state is FeedState.LIVE

    def tell(self, source: str, record: Record) -> None:
        """Hand in a record of a source; what a full spool does not take is lost, and said once."""
        try:
            self._feeds[source].hand_in(record)
        except StoreFault as fault:
            self._lost += 1
            if self._lost == 1:
                _log.info("%s", fault.sentence)

    def values(self, values: Values) -> None:
        """Send readings."""
        self._feeds[IOT].send_values(values)

    def positions(self, positions: list[Position]) -> None:
        """Send positions."""
        self._feeds[FLEET].send_positions(positions)

    def hold(self, source: str, held: bool) -> None:
        """Silence a source or let it speak."""
        if source in self._feeds:
            self._feeds[source].hold(held)

    def rain(self, mm_h: float) -> None:
        """Let it rain on the cameras."""
        self._streams.set_rain(mm_h)

    def camera_fault(self, camera: str, fault: str) -> None:
        """Break or repair a camera that has a stream."""
        if camera in self._streamed:
            self._streams.fault(camera, CameraFault(fault))


def _check(args: argparse.Namespace) -> None:
    try:
        msgspec.convert(args.realm, Realm)
    except msgspec.ValidationError as error:
        sentence = _("“{realm}” is no realm; write live, or drill/NAME with at most 10 of a–z, 0–9 and -.")
        raise EnvironmentFault(sentence.format(realm=args.realm)) from error
    for name, low, high in (
        ("speed", 0.1, 60.0),
        ("sensors", 1, 130_000),
        ("cameras", 1, 39_000),
        ("streams", 0, 200),
        ("vehicles", 1, 5000),
        ("teams", 0, 5000),
        ("spaces", 0, 20_000),
    ):
        if not low <= getattr(args, name) <= high:
            sentence = _("--{name} {value} is out of range: {low} to {high}.")
            raise EnvironmentFault(sentence.format(name=name, value=getattr(args, name), low=low, high=high))
