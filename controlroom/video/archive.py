"""Where recordings lie."""

from msgspec import Struct


class Archive(Struct, frozen=True):
    """A folder of files and the template of the video platform's recordings; either may be empty.

    A file is `<camera>_<YYYYmmddTHHMMSSZ>.<mp4, ts, mkv …>`, the time being that of its first picture in UTC, with
    milliseconds (`SS.123Z`) where they are known. The
    template has {id}, {from} and {to} (ISO 8601, UTC), or {from_s} and {to_s} (seconds since 1970).
    """

    folder: str = ""
    template: str = ""
