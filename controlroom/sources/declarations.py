"""What a feed declared to the hub, and the telemetry indices that came back."""

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.asset import Asset
from controlroom.domain.camera import Camera
from controlroom.domain.sensor import Sensor
from controlroom.domain.vehicle import Vehicle
from controlroom.sources.outbox import UNKNOWN
from controlroom.wire.messages import Acknowledgement, AssetsRecord, CamerasRecord, SensorsRecord, VehiclesRecord

_CHUNK = 1000

Declaration = SensorsRecord | CamerasRecord | VehiclesRecord | AssetsRecord


class Declarations:
    """Remembers declarations so that another hub, or one with another memory, can be told again.

    `index` has one u32 per declared sensor in the order of declaration, UNKNOWN until the hub told it.
    Its owner serialises the calls; `index` and `ids` may be read from any thread.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.index: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._records: list[tuple[Declaration, int]] = []
        self._untold: list[int] = []
        self._waiting: dict[int, int] = {}

    def sensors(self, sensors: list[Sensor]) -> None:
        """Take sensors."""
        first = len(self.ids)
        self.ids = [*self.ids, *(s.id for s in sensors)]
        self.index = np.concatenate([self.index, np.full(len(sensors), UNKNOWN, np.uint32)])
        for n in range(0, len(sensors), _CHUNK):
            self._add(SensorsRecord(sensors=sensors[n : n + _CHUNK]), first + n)

    def cameras(self, cameras: list[Camera]) -> None:
        """Take cameras."""
        for n in range(0, len(cameras), _CHUNK):
            self._add(CamerasRecord(cameras=cameras[n : n + _CHUNK]))

    def vehicles(self, vehicles: list[Vehicle]) -> None:
        """Take vehicles."""
        for n in range(0, len(vehicles), _CHUNK):
            self._add(VehiclesRecord(vehicles=vehicles[n : n + _CHUNK]))

    def assets(self, assets: list[Asset]) -> None:
        """Take teams, hazard sources and spaces."""
        for n in range(0, len(assets), _CHUNK):
            self._add(AssetsRecord(assets=assets[n : n + _CHUNK]))

    def untold(self) -> tuple[int, Declaration] | None:
        """The next record to hand in, with its number."""
        return (self._untold[0], self._records[self._untold[0]][0]) if self._untold else None

    def told(self, number: int, seq: int) -> None:
        """A record was handed in and waits for its acknowledgement under `seq`."""
        self._untold.remove(number)
        self._waiting[seq] = number

    def answered(self, ack: Acknowledgement, confirmed: int) -> None:
        """Learn the indices of an acknowledgement.

        A duplicate brings no indices, and an answer that was overtaken never comes; both are told again.
        """
        if not self._waiting:
            return
        number = self._waiting.pop(ack.seq, None)
        if number is not None and not self._learnt(number, ack):
            self._untold.append(number)
        for seq in [seq for seq in self._waiting if seq <= confirmed]:
            self._untold.append(self._waiting.pop(seq))

    def tell_again(self) -> None:
        """Everything must be told again, but for what waits already."""
        self.index = np.full(len(self.ids), UNKNOWN, np.uint32)
        waiting = set(self._waiting.values())
        self._untold = [number for number in range(len(self._records)) if number not in waiting]

    def renumbered(self, by: int) -> None:
        """The spool began a new session: what waits has lower numbers by `by`."""
        self._waiting = {seq - by: number for seq, number in self._waiting.items() if seq > by}

    @property
    def complete(self) -> bool:
        """Whether the hub has answered everything."""
        return not self._waiting and not self._untold

    def _add(self, record: Declaration, row: int = 0) -> None:
        self._records.append((record, row))
        self._untold.append(len(self._records) - 1)

    def _learnt(self, number: int, ack: Acknowledgement) -> bool:
        record, row = self._records[number]
        if ack.refused:
            return True
        if isinstance(record, CamerasRecord | AssetsRecord):
            return True
        wanted = len(record.sensors) if isinstance(record, SensorsRecord) else len(record.vehicles)
        if len(ack.indices) != wanted:
            return False
        if isinstance(record, SensorsRecord):
            index = self.index.copy()
            index[row : row + wanted] = ack.indices
            self.index = index
        return True
