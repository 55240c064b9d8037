from itertools import pairwise

import msgspec
import numpy as np
import pytest

from controlroom.domain.kinds import SensorKind
from controlroom.mapping.sight import CameraColumns, seeing_point
from controlroom.sources.simulator import district
from controlroom.sources.simulator.district import District
from controlroom.sources.simulator.geography import Geography, distance_km
from controlroom.sources.simulator.network import Network
from controlroom.wire.messages import CamerasRecord, SensorsRecord, VehiclesRecord

Kinds = dict[str, SensorKind]


def generate(ground: Geography, network: Network, kinds: Kinds, **sizes: int) -> District:
    return district.generate(ground, network, kinds, district.load_blueprint(), **sizes)


def encoded(built: District) -> bytes:
    return msgspec.msgpack.encode((built.sensors, built.cameras, built.vehicles, built.paces_kmh))


def test_a_seed_gives_the_same_district_to_the_last_byte(ground: Geography, network: Network, kinds: Kinds) -> None:
    first = generate(ground, network, kinds, seed=7)
    assert encoded(first) == encoded(generate(ground, network, kinds, seed=7))
    assert encoded(first) != encoded(generate(ground, network, kinds, seed=8))


def test_every_sensor_and_camera_lies_in_the_district_but_for_the_airport(built: District, ground: Geography) -> None:
    cameras = np.array([(c.point.lon, c.point.lat) for c in built.cameras if c.point is not None])
    assert ground.inside(built.points).all()
    assert ground.inside(cameras[1:]).all()
    assert not ground.inside(cameras[:1]).any()
    assert built.cameras[0].point == ground.airport
    assert distance_km(cameras[0], np.array([ground.airport.lon, ground.airport.lat])) == 0.0


def test_the_sizes_are_those_that_were_asked_for(ground: Geography, network: Network, kinds: Kinds) -> None:
    for sensors, cameras, vehicles in ((600, 60, 90), (50, 1, 7), (5000, 300, 900)):
        built = generate(ground, network, kinds, sensors=sensors, cameras=cameras, vehicles=vehicles)
        assert abs(len(built.sensors) - sensors) <= max(40, sensors * 0.01)
        assert (len(built.cameras), len(built.vehicles)) == (cameras, vehicles)


def test_most_devices_of_a_full_district_are_heat_pumps(ground: Geography, network: Network, kinds: Kinds) -> None:
    built = generate(ground, network, kinds, sensors=20_000)
    counted = sum(sensor.kind == "heat_pump_outlet" for sensor in built.sensors)
    assert counted > len(built.sensors) * 0.25


def test_every_id_is_there_once_and_every_kind_of_sensor_is_used(built: District, kinds: Kinds) -> None:
    for things in (built.sensors, built.cameras, built.vehicles):
        assert len({thing.id for thing in things}) == len(things)
    assert {sensor.kind for sensor in built.sensors} == set(kinds)


def test_camera_ids_are_device_codes_of_the_national_standard(built: District) -> None:
    assert all(len(c.id) == 20 and c.id.isdecimal() and c.id[10:13] == "132" for c in built.cameras)


def test_a_hub_takes_every_declaration(built: District) -> None:
    for record in (
        SensorsRecord(sensors=list(built.sensors)),
        CamerasRecord(cameras=list(built.cameras)),
        VehiclesRecord(vehicles=list(built.vehicles)),
    ):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=type(record)) == record


def test_the_outline_tells_inside_from_outside(ground: Geography) -> None:
    points = np.array([[116.33661, 39.72965], [116.39, 39.91], [116.7, 39.5], [116.44757, 39.55625]])
    assert ground.inside(points).tolist() == [True, False, False, True]


def test_every_town_can_be_reached_from_every_other(network: Network) -> None:
    for town in network.towns[1:]:
        assert network.route(network.towns[0], town)[-1] == town
    assert network.route(network.towns[0], network.airport)[-1] == network.airport


@pytest.mark.parametrize("part", range(3))
def test_a_route_goes_from_neighbour_to_neighbour(network: Network, part: int) -> None:
    way = network.route(network.towns[part], network.towns[-1 - part])
    assert all(b in {node for node, _km in network.neighbours[a]} for a, b in pairwise(way))


def test_heat_pumps_are_declared_with_their_town_and_type_and_a_full_district_has_fifty_thousand(
    ground: Geography, network: Network, kinds: Kinds
) -> None:
    built = generate(ground, network, kinds, sensors=2000, cameras=1, vehicles=1)
    pumps = [sensor for sensor in built.sensors if sensor.kind == "heat_pump_outlet"]
    assert len({pump.town for pump in pumps}) == len(ground.towns)
    assert {pump.model for pump in pumps} == {"空气源热泵", "地源热泵", "水源热泵"}
    full = district.load_blueprint()
    assert sum(site.at_most * len(site.kinds) for site in full.site[:-1]) <= 130_000 - 50_000


def test_some_devices_are_shown_to_several_departments(built: District) -> None:
    gauge = next(sensor for sensor in built.sensors if sensor.kind == "flood_depth")
    assert gauge.shown_to == ("区水务局", "区交通局", "区应急局")


def test_rivers_and_pipes_are_chains_that_end(ground: Geography, network: Network, kinds: Kinds) -> None:
    built = generate(ground, network, kinds, sensors=3000)
    sensors = {sensor.id: sensor for sensor in built.sensors}
    chained = [sensor for sensor in built.sensors if sensor.upstream]
    assert {"river_level", "pipe_pressure", "pipe_level"} == {sensor.kind for sensor in chained}
    for sensor in chained:
        seen = {sensor.id}
        while sensor.upstream:
            above = sensors[sensor.upstream[0]]
            assert above.kind == sensor.kind and above.id not in seen
            seen.add(above.id)
            sensor = above
    yufa = [s for s in built.sensors if s.kind == "river_level" and s.town == "榆垡镇" and s.upstream]
    assert any(sensors[s.upstream[0]].town == "庞各庄镇" for s in yufa)


def test_many_measuring_points_of_water_are_seen_by_a_camera(built: District) -> None:
    columns = CameraColumns.of(built.cameras)
    water = [s for s in built.sensors if s.kind in ("flood_depth", "river_level") and s.point is not None]
    seen = [sensor for sensor in water if seeing_point(columns, sensor.point)]
    assert len(seen) >= min(len(water), len(built.cameras) // 2) * 0.8
