"""What graphics for command are called, and who drew them how long ago, in the officer's language."""

from collections.abc import Mapping
from datetime import datetime

from controlroom.bridge.wording import span_text
from controlroom.domain.graphic import Drawing, Graphic, GraphicColour, GraphicKind
from controlroom.domain.graphic_symbols import UNKNOWN_SYMBOL, GraphicSymbol
from controlroom.i18n import _, language
from controlroom.mapping.graphics import Measured

Symbols = Mapping[str, GraphicSymbol]


def kind_word(kind: GraphicKind) -> str:
    """A kind of graphic as people say it."""
    return {
        GraphicKind.SYMBOL: _("Symbol"),
        GraphicKind.TEXT: _("Words"),
        GraphicKind.LINE: _("Line"),
        GraphicKind.ARROW: _("Arrow"),
        GraphicKind.BROAD_ARROW: _("Broad arrow"),
        GraphicKind.AREA: _("Area"),
        GraphicKind.ZONE: _("Danger zone"),
    }[kind]


def colour_word(colour: GraphicColour) -> str:
    """A colour as people say it."""
    return {
        GraphicColour.RED: _("red"),
        GraphicColour.ORANGE: _("orange"),
        GraphicColour.YELLOW: _("yellow"),
        GraphicColour.GREEN: _("green"),
        GraphicColour.BLUE: _("blue"),
        GraphicColour.PURPLE: _("purple"),
        GraphicColour.INK: _("black or white"),
    }[colour]


def symbol_name(symbol: GraphicSymbol) -> str:
    """What a symbol stands for."""
    return symbol.name if language() == "zh_CN" else symbol.name_en


def symbol_sign(symbol: GraphicSymbol) -> str:
    """The sign in a symbol."""
    return symbol.glyph if language() == "zh_CN" else symbol.glyph_en


def drawing_title(drawing: Drawing, symbols: Symbols) -> str:
    """Its own words, else what it is."""
    return drawing.text or drawing_word(drawing, symbols)


def drawing_word(drawing: Drawing, symbols: Symbols) -> str:
    """What it is: the name of its symbol, else its kind."""
    if drawing.kind is GraphicKind.SYMBOL:
        return symbol_name(symbols.get(drawing.symbol, UNKNOWN_SYMBOL))
    return kind_word(drawing.kind)


def author_text(graphic: Graphic) -> str:
    """Who touched it last, and at which seat."""
    if graphic.changed_by:
        return f"{graphic.changed_by} · {graphic.changed_seat}" if graphic.changed_seat else graphic.changed_by
    return f"{graphic.by} · {graphic.seat}" if graphic.seat else graphic.by


def age_word(graphic: Graphic, now: datetime) -> str:
    """How long ago it was drawn or changed, to the minute."""
    seconds = max(0.0, (now - graphic.touched_at).total_seconds())
    minutes = int(seconds // 60)
    if minutes < 1:
        return _("just now")
    return (
        _("{minutes} min ago").format(minutes=minutes)
        if minutes < 60
        else _("{span} ago").format(span=span_text(60 * minutes))
    )


def note_text(graphic: Graphic, now: datetime) -> str:
    """What stands below its words on the map."""
    told = f"{author_text(graphic)} · {age_word(graphic, now)}"
    return _("archived · {who}").format(who=told) if graphic.archived_at is not None else told


def length_text(metres: float) -> str:
    """A length as people read it out."""
    return _("{km:.2f} km").format(km=metres / 1000) if metres >= 1000 else _("{m:.0f} m").format(m=metres)


def area_text(square_metres: float) -> str:
    """An area as people read it out."""
    if square_metres >= 1e6:
        return _("{km2:.2f} km²").format(km2=square_metres / 1e6)
    if square_metres >= 1e4:
        return _("{ha:.2f} ha").format(ha=square_metres / 1e4)
    return _("{m2:.0f} m²").format(m2=square_metres)


def measured_text(found: Measured) -> str:
    """Length, or way round and area, on the ellipsoid; empty where there is nothing to measure."""
    if found.area_m2 > 0:
        return _("{area}, {length} round").format(area=area_text(found.area_m2), length=length_text(found.length_m))
    return length_text(found.length_m) if found.length_m > 0 else ""
