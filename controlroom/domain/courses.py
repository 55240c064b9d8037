"""Who lies above and below a sensor in the same river, pipe or gallery, by what the sensors' sources declared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controlroom.domain.sensor import Sensor


@dataclass(frozen=True, slots=True)
class Beside:
    """A sensor so many steps along the course from another; the next one is one step away."""

    id: str
    steps: int


class Courses:
    """All declared relations of a room's sensors, in both directions; immutable.

    A sensor that is named but not declared is left out, and one that names itself or stands in a ring is met once.
    """

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        self._above: dict[str, tuple[str, ...]] = {}
        below: dict[str, list[str]] = {}
        for sensor in sensors.values():
            if sensor.upstream:
                known = tuple(name for name in dict.fromkeys(sensor.upstream) if name in sensors and name != sensor.id)
                self._above[sensor.id] = known
                for name in known:
                    below.setdefault(name, []).append(sensor.id)
        self._below = {name: tuple(ids) for name, ids in below.items()}

    def known(self, sensor: str) -> bool:
        """Whether anything is declared about what lies above or below a sensor."""
        return bool(self._above.get(sensor) or self._below.get(sensor))

    def upstream(self, sensor: str, most: int) -> list[Beside]:
        """The nearest sensors above, the next one first."""
        return _walked(self._above, sensor, most)

    def downstream(self, sensor: str, most: int) -> list[Beside]:
        """The nearest sensors below, the next one first."""
        return _walked(self._below, sensor, most)


def _walked(ways: Mapping[str, Iterable[str]], start: str, most: int) -> list[Beside]:
    """Step by step, each sensor once."""
    found: list[Beside] = []
    met, here, steps = {start}, [start], 0
    while here and len(found) < most:
        steps += 1
        here = [name for name in dict.fromkeys(n for held in here for n in ways.get(held, ())) if name not in met]
        met.update(here)
        found += [Beside(name, steps) for name in here]
    return found[:most]
