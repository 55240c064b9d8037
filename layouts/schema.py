"""What a layout is: windows with a role, each a tree of splits, tabs and panels."""

import enum
from collections.abc import Iterator
from typing import Annotated, Any

from msgspec import Meta, Struct, field

PanelKind = Annotated[str, Meta(pattern=r"^(plugin:)?[a-z0-9][a-z0-9_.-]{0,63}$")]
"""The name of a panel, for example `alarms` or `plugin:environment`."""

Label = str | dict[str, str]
"""Words for the officer: one text, or one for each language (`{en = "Desk", zh_CN = "值班台"}`)."""


class Role(enum.StrEnum):
    """What a window is for (screens.md); `wall` has no chrome."""

    DESK = "desk"
    MAP = "map"
    VIDEO = "video"
    TRENDS = "trends"
    COMMAND = "command"
    DRILL = "drill"
    DEPARTMENT = "department"
    WALL = "wall"


class Fill(enum.StrEnum):
    """How much of its monitor a window takes when it is first opened."""

    FULL = "full"
    MAXIMIZED = "maximized"
    NORMAL = "normal"


class Orientation(enum.StrEnum):
    """Side by side, or one above the other."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class Panel(Struct, frozen=True, kw_only=True, tag="panel", tag_field="type", forbid_unknown_fields=True):
    """One panel; `options` are handed to whoever builds this kind."""

    kind: PanelKind
    title: Label = ""
    options: dict[str, Any] = field(default_factory=dict)


class Tabs(Struct, frozen=True, kw_only=True, tag="tabs", tag_field="type", forbid_unknown_fields=True):
    """Panels of which one is seen at a time."""

    items: Annotated[tuple["Panel | Split", ...], Meta(min_length=1, max_length=16)]


class Split(Struct, frozen=True, kw_only=True, tag="split", tag_field="type", forbid_unknown_fields=True):
    """Parts beside each other; `sizes` are their relative shares, equal when left out."""

    orientation: Orientation
    items: Annotated[tuple["Panel | Tabs | Split", ...], Meta(min_length=1, max_length=16)]
    sizes: tuple[Annotated[int, Meta(ge=1, le=10_000)], ...] = ()

    def __post_init__(self) -> None:
        if self.sizes and len(self.sizes) != len(self.items):
            raise ValueError(f"{len(self.sizes)} sizes for {len(self.items)} items")


Node = Panel | Tabs | Split


class Preference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which monitor a window would like: by serial number, else by connector name, else the nth from the left (1…).

    With `only` it is shown on no other: while that monitor is absent it is hidden.
    """

    serial: str = ""
    name: str = ""
    order: Annotated[int, Meta(ge=0, le=64)] = 0
    only: bool = False


class Window(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One window of a layout. `id` names it in what is remembered."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    role: Role
    root: Node
    title: Label = ""
    monitor: Preference = Preference()
    fill: Fill = Fill.MAXIMIZED


class Preset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole layout: the windows that one officer or one wall works with."""

    title: Label
    windows: Annotated[tuple[Window, ...], Meta(min_length=1, max_length=16)]

    def __post_init__(self) -> None:
        ids = [window.id for window in self.windows]
        if len(set(ids)) != len(ids):
            raise ValueError("two windows have the same id")


def panels(node: Node) -> Iterator[Panel]:
    """All panels of a tree from left to right and from top to bottom."""
    if isinstance(node, Panel):
        yield node
        return
    for item in node.items:
        yield from panels(item)


def words(label: Label, language: str) -> str:
    """The label in a language; English, else whatever there is, when that language is missing."""
    if isinstance(label, str):
        return label
    return label.get(language) or label.get("en") or next(iter(label.values()), "")
