"""What a named video wall shows."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.times import Instant


class Wall(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The grid of one wall: camera ids row by row, an empty id is an empty tile."""

    name: str
    columns: Annotated[int, Meta(ge=1, le=8)] = 3
    tiles: tuple[str, ...] = ()
    by: str = ""
    at: Instant | None = None
