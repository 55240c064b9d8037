"""What a clip is made of, and how far it is."""

import enum

from msgspec import Struct

from controlroom.video.fault import Trouble
from controlroom.video.past import Where

GLYPHS = "0123456789-:. s"
"""What the running time is written with."""


class Stamp(Struct, frozen=True):
    """Text as pictures, drawn by whoever has fonts: grey, a byte per pixel, all `height` high.

    `label` is the camera's name and what else stands still; `glyphs` has each of `GLYPHS` in a cell of `glyph_width`.
    """

    height: int
    label_width: int
    label: bytes
    glyph_width: int
    glyphs: bytes


class ClipOrder(Struct, frozen=True):
    """A clip of a camera from one moment to another (seconds since 1970), into a folder.

    With a `stamp` a copy is written too that has it burnt in, with each picture's time (`offset_s` east of UTC) and its
    age at `now_s`.
    """

    where: Where
    from_s: float
    to_s: float
    folder: str
    now_s: float
    offset_s: int = 0
    stamp: Stamp | None = None


class ClipState(enum.StrEnum):
    """How far a clip is."""

    WRITING = "writing"
    BURNING = "burning"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return self in (ClipState.DONE, ClipState.FAILED, ClipState.CANCELLED)


class Clip(Struct, frozen=True):
    """The state of a clip; `part` (0 to 1) of the burnt-in copy is done, `path` and `burnt` are the files."""

    state: ClipState = ClipState.WRITING
    part: float = 0.0
    path: str = ""
    burnt: str = ""
    from_s: float = 0.0
    to_s: float = 0.0
    trouble: Trouble | None = None
