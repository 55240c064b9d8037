"""Keeps the pages of pictures with the process."""

import ctypes
import logging
import sys

_log = logging.getLogger(__name__)

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_ARENA_MAX = -8
_LARGEST_PICTURE = 32 << 20
_KEPT = 256 << 20
_ARENAS = 4


def keep_pages() -> None:
    """Tell the C library not to return every picture's memory to the system and fetch it anew (glibc only).

    A picture above malloc's threshold otherwise costs hundreds of page faults each, several times its conversion.
    """
    if sys.platform != "linux":
        return
    try:
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_MMAP_THRESHOLD, _LARGEST_PICTURE)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)
        library.mallopt(_ARENA_MAX, _ARENAS)  # else every few decoders keep a heap of their own
    except (OSError, AttributeError):
        _log.info("Another C library than glibc: its allocator stays as it is")
