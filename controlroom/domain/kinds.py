"""The kinds of sensors that a district has: names, units, physical ranges and limits with their sources."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.sensor import Finite, Limit


class SensorKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of sensor.

    `low` … `high` is what the instrument can tell (a value outside is a fault), `scale` the range that a curve
    shows at least, `decimals` what people write down. `source` names standard and edition of the limits,
    or says that they are a house figure of this program; `source_en` says it in English. Sensors of a kind that is
    `grouped` are so many that they are told by town and model, never one by one.
    """

    name: str
    name_en: str
    unit: str
    low: Finite
    high: Finite
    scale: tuple[Finite, Finite]
    decimals: Annotated[int, Meta(ge=0, le=6)] = 1
    deadband: Annotated[float, Meta(ge=0.0, le=1e6)] = 0.0
    stale_after_s: Annotated[float, Meta(gt=0.0, le=1e7)] = 180.0
    limits: tuple[Limit, ...] = ()
    source: str = ""
    source_en: str = ""
    delay_s: Annotated[float, Meta(ge=0.0, le=86_400.0)] = 0.0
    grouped: bool = False


class _Table(Struct, forbid_unknown_fields=True):
    edition: str
    kinds: dict[str, SensorKind]


def decode_kinds(text: bytes) -> dict[str, SensorKind]:
    """The kinds of a `sensor_kinds.toml` by their id, in the order of the file. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=_Table).kinds
