"""The table of symbols for plotting: signs in shapes, house symbols that a district may add to."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from controlroom.domain.graphic import GraphicColour

Shape = Literal["square", "circle", "diamond", "triangle", "octagon"]
_Sign = Annotated[str, Meta(min_length=1, max_length=3)]


class GraphicSymbol(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One symbol: its names, the sign in it in both languages, its shape and the colour of a new one."""

    name: str
    name_en: str
    glyph: _Sign
    glyph_en: _Sign
    shape: Shape = "square"
    colour: GraphicColour = GraphicColour.RED


UNKNOWN_SYMBOL = GraphicSymbol(name="标号", name_en="Symbol", glyph="?", glyph_en="?", shape="circle")
"""What a symbol is drawn as that this seat's table does not have."""


class _Table(Struct, forbid_unknown_fields=True):
    edition: str
    symbols: dict[str, GraphicSymbol]


def decode_symbols(text: bytes) -> dict[str, GraphicSymbol]:
    """The symbols of a `graphic_symbols.toml` by key, in the order of the file. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=_Table).symbols
