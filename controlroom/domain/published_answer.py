"""Answers of the map that one seat shows to all: a layer of bounded size that says how and from what it was made."""

from typing import Annotated

from msgspec import Meta, Struct

from controlroom.domain.place import Point
from controlroom.domain.sensor import Finite
from controlroom.domain.times import Instant

MOST_FEATURES = 3000
MOST_POINTS = 2000
MOST_CORNERS = 20_000
"""Corners of all features of an answer together."""

_Title = Annotated[str, Meta(min_length=1, max_length=200)]
_Label = Annotated[str, Meta(max_length=200)]
_Line = Annotated[str, Meta(max_length=1000)]
_Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]
_Class = Annotated[int, Meta(ge=0, le=63)]
_Part = Annotated[tuple[Point, ...], Meta(min_length=2, max_length=MOST_CORNERS)]


class AnswerClass(Struct, frozen=True):
    """One class of the legend; `colour` as #rrggbb."""

    label: _Label
    colour: _Colour


class AnswerFeature(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An area (its border, then its holes; rings are not closed) or a line."""

    parts: Annotated[tuple[_Part, ...], Meta(min_length=1, max_length=1000)]
    area: bool = True
    name: _Label = ""
    colour_class: _Class = 0


class AnswerPoint(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A point with a name and, where it has one, a value in the answer's unit."""

    point: Point
    id: _Label = ""
    name: _Label = ""
    value: Finite | None = None
    colour_class: _Class = 0


class AnswerBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The layer and its origin. `how` are parameters and their values in words, `said` what was to be read with it.

    `coarsened_m`: corners were left out as long as no border moved further. `left_out` counts features and points.
    """

    title: _Title
    classes: Annotated[tuple[AnswerClass, ...], Meta(min_length=1, max_length=64)]
    author: Annotated[str, Meta(min_length=1, max_length=200)]
    made_at: Instant
    data_at: Instant | None = None
    features: Annotated[tuple[AnswerFeature, ...], Meta(max_length=MOST_FEATURES)] = ()
    points: Annotated[tuple[AnswerPoint, ...], Meta(max_length=MOST_POINTS)] = ()
    unit: Annotated[str, Meta(max_length=40)] = ""
    opacity: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.45
    how: Annotated[tuple[tuple[_Line, _Line], ...], Meta(max_length=60)] = ()
    said: Annotated[tuple[_Line, ...], Meta(max_length=60)] = ()
    coarsened_m: Annotated[float, Meta(ge=0.0, le=5000.0)] = 0.0
    left_out: Annotated[int, Meta(ge=0)] = 0


class PublishedAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer on every map of the room: `by` at `seat` published it `at`. A withdrawn one is told once."""

    id: str
    body: AnswerBody
    by: str
    at: Instant
    seat: str = ""
    withdrawn_by: str = ""
    withdrawn_at: Instant | None = None
