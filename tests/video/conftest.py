from collections.abc import Callable, Iterator

import pytest

from controlroom.clock import SystemClock
from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.scene import SceneCamera, Transport
from controlroom.video.fleet import Engine, Fleet
from tests.video.clocks import ShiftedClock

CAMERAS = (
    SceneCamera(id="rtsp", name="黄村西大街 01", transport=Transport.RTSP),
    SceneCamera(id="http", name="黄村西大街 02", transport=Transport.HTTP),
    SceneCamera(id="file", name="黄村西大街 03", transport=Transport.FILE),
)


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture(params=Engine)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Who decodes: each test runs with both."""
    return Engine(request.param)


@pytest.fixture
def fleet(clock: ShiftedClock, engine: Engine) -> Iterator[Fleet]:
    fleet = Fleet(clock, engine=engine)
    fleet.start()
    yield fleet
    fleet.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., CameraServer]]:
    """Start a server of three cameras, one of each kind; ports as keywords."""
    servers: list[CameraServer] = []

    def start(**ports: int) -> CameraServer:
        server = CameraServer(CAMERAS, SystemClock(), **ports)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.close()
