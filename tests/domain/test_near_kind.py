from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.near_kind import CHUNK, Places
from controlroom.domain.place import Point, distance_m
from controlroom.domain.sensor import Sensor

HERE = Point(116.4, 39.7)


def sensor(identity: str, east: float = 0.0, kind: str = "rain", placed: bool = True) -> Sensor:
    return Sensor(id=identity, name=identity, kind=kind, point=Point(HERE.lon + east, HERE.lat) if placed else None)


def places(*sensors: Sensor) -> Places:
    made = Places()
    for _step in made.fill({each.id: each for each in sensors}):
        pass
    return made


def test_the_nearest_of_a_kind_come_first_within_reach_and_without_those_left_out() -> None:
    held = places(
        sensor("far", 0.05), sensor("near", 0.001), sensor("own"), sensor("wind", 0.0, "wind_speed"),
        sensor("nowhere", placed=False), sensor("next", 0.01),
    )  # fmt: skip
    found = held.nearest("rain", HERE, 3000.0, 5, ["own"])
    assert [identity for identity, _metres in found] == ["near", "next"]
    assert abs(found[0][1] - distance_m(HERE, Point(HERE.lon + 0.001, HERE.lat))) < 0.2
    assert held.nearest("noise", HERE, 1e6, 5) == []
    assert [identity for identity, _metres in held.nearest("rain", HERE, 1e6, 1)] == ["own"]


def test_a_large_room_is_taken_in_step_by_step() -> None:
    sensors = {str(n): sensor(str(n), n * 1e-6) for n in range(3 * CHUNK)}
    assert sum(1 for _step in Places().fill(sensors)) >= 3


@settings(max_examples=40)
@given(st.lists(st.floats(-0.2, 0.2), max_size=30), st.integers(1, 8))
def test_no_nearer_one_is_left_out(easts: list[float], most: int) -> None:
    held = places(*(sensor(str(n), east) for n, east in enumerate(easts)))
    found = held.nearest("rain", HERE, 1e5, most)
    metres = [each for _identity, each in found]
    assert metres == sorted(metres) and len(found) == min(most, len(easts))
    others = {str(n) for n in range(len(easts))} - {identity for identity, _metres in found}
    worst = max(metres, default=0.0)
    assert all(abs(easts[int(n)]) * 111_195.0 * 0.76 >= worst * 0.98 for n in others)
