"""Why a feature, or a whole file, is not drawn: told by its number and its line."""

import enum

from msgspec import Struct

MOST_LISTED = 100
"""So many refused features are listed by name; the rest are counted."""

LONGEST_DETAIL = 160


class Reason(enum.StrEnum):
    """What is wrong."""

    NO_GEOMETRY = "no_geometry"
    BAD_GEOMETRY = "bad_geometry"
    NOT_FINITE = "not_finite"
    OUTSIDE = "outside"
    """It lies outside the world, or outside the range of its coordinate system."""
    CROSSES = "crosses"
    """It crosses itself, and nothing that has an area is left when it is mended."""
    SYNTAX = "syntax"
    BAD_NUMBER = "bad_number"
    BAD_RECORD = "bad_record"

    UNREADABLE = "unreadable"
    """The file cannot be opened; the detail is the system's word for it."""
    NOT_A_FILE = "not_a_file"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    UNKNOWN_FORMAT = "unknown_format"
    BAD_FILE = "bad_file"
    NO_COORDINATES = "no_coordinates"
    """A table without columns of coordinates."""
    BAD_TEXT = "bad_text"
    """Neither UTF-8 nor GBK."""
    UNKNOWN_SYSTEM = "unknown_system"
    """The coordinates are of no system that is declared or could be told from them."""
    CHANGING = "changing"
    """The file is written while it is read."""
    BAD_SIDECAR = "bad_sidecar"
    CANCELLED = "cancelled"
    FELL = "fell"
    """The reader ended on it."""


class Refused(Struct, frozen=True):
    """One feature that is not drawn: its number in the file from 1, and its line where it has one."""

    number: int
    line: int
    reason: Reason
    detail: str = ""


class FileFault(Exception):
    """A file of which nothing can be drawn."""

    def __init__(self, reason: Reason, detail: object = "", line: int = 0, number: int = 0) -> None:
        super().__init__(reason, detail, line)
        self.reason = reason
        self.detail = str(detail)[:LONGEST_DETAIL]
        self.line = line
        self.number = number
