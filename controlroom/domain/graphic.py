"""What officers draw on the map for command (应急标绘): symbols, lines, areas, arrows, danger zones and words."""

import enum
from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.place import Point
from controlroom.domain.times import Instant

MOST_VERTICES = 500
SPREAD_DEG = 60.0
"""House figure: so wide the part of a danger zone opens that lies down the wind."""

Metres = Annotated[float, Meta(ge=0.0, le=50_000.0)]


class GraphicKind(enum.StrEnum):
    """What is drawn from the points of a graphic."""

    SYMBOL = "symbol"
    TEXT = "text"
    LINE = "line"
    ARROW = "arrow"
    BROAD_ARROW = "broad_arrow"
    AREA = "area"
    ZONE = "zone"

    @property
    def fewest(self) -> int:
        """How many points it has at least."""
        return {GraphicKind.AREA: 3, GraphicKind.SYMBOL: 1, GraphicKind.TEXT: 1, GraphicKind.ZONE: 1}.get(self, 2)

    @property
    def most(self) -> int:
        """How many points it has at most."""
        return 1 if self.fewest == 1 else MOST_VERTICES


class GraphicColour(enum.StrEnum):
    """The colours of graphics; their shades are the theme's."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    INK = "ink"


class GraphicStyle(Struct, frozen=True, omit_defaults=True):
    """How a graphic looks; `width` of lines in pixels."""

    colour: GraphicColour = GraphicColour.RED
    width: Annotated[int, Meta(ge=1, le=12)] = 3
    dashed: bool = False
    filled: bool = True


class DangerZone(Struct, frozen=True, omit_defaults=True):
    """Radii of the hot, the warm and the cold zone around a point, in metres; 0 where there is none.

    With wind (`wind_from_deg`, where it blows from, clockwise from north) the warm and the cold zone are the hot circle
    and a sector of `spread_deg` down the wind.
    """

    hot_m: Metres = 0.0
    warm_m: Metres = 0.0
    cold_m: Metres = 0.0
    wind_from_deg: Annotated[float, Meta(ge=0.0, le=360.0)] | None = None
    spread_deg: Annotated[float, Meta(ge=5.0, le=360.0)] = SPREAD_DEG

    @property
    def radii_m(self) -> tuple[float, ...]:
        """The radii there are, from the inside out."""
        return tuple(r for r in (self.hot_m, self.warm_m, self.cold_m) if r > 0)


class Drawing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an officer draws: WGS-84 points in order (areas are not closed), words, look, and the incident it is of.

    `symbol` is a key of the table of symbols; `origin` names the file it was taken from.
    """

    kind: GraphicKind
    points: Annotated[tuple[Point, ...], Meta(min_length=1, max_length=MOST_VERTICES)]
    text: Annotated[str, Meta(max_length=400)] = ""
    symbol: Annotated[str, Meta(max_length=60)] = ""
    style: GraphicStyle = GraphicStyle()
    zone: DangerZone | None = None
    incident: Annotated[str, Meta(max_length=200)] = ""
    origin: Annotated[str, Meta(max_length=200)] = ""


class Graphic(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A drawing on every map of the room: `by` at `seat` drew it `at`, `changed_by` at `changed_seat` changed it last.

    `version` counts its changes, so that nobody changes what somebody else changed meanwhile. With its incident it is
    archived (`archived_at`). A removed one is told once and held by no room.
    """

    id: str
    drawing: Drawing
    by: str
    at: Instant
    seat: str = ""
    version: int = 1
    changed_by: str = ""
    changed_seat: str = ""
    changed_at: Instant | None = None
    archived_at: Instant | None = None
    removed: bool = False

    @property
    def touched_at(self) -> Instant:
        """When it was drawn or changed last: its age is reckoned from here."""
        return self.changed_at or self.at
