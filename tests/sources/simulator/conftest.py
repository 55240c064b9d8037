import pytest

import resources
from controlroom.domain.kinds import SensorKind
from controlroom.sources.simulator import district, geography
from controlroom.sources.simulator.district import District
from controlroom.sources.simulator.geography import Geography
from controlroom.sources.simulator.network import Network


@pytest.fixture(scope="session")
def ground() -> Geography:
    return geography.load(resources.path("district"))


@pytest.fixture(scope="session")
def network(ground: Geography) -> Network:
    return Network(ground)


@pytest.fixture(scope="session")
def kinds() -> dict[str, SensorKind]:
    return district.load_kinds()


@pytest.fixture(scope="session")
def built(ground: Geography, network: Network, kinds: dict[str, SensorKind]) -> District:
    return district.generate(ground, network, kinds, district.load_blueprint())
