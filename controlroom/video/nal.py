"""Which coded pictures no other one refers to, told from their first bytes (ITU-T H.264 and H.265, 2021 editions)."""

from collections.abc import Iterator

_H264_SLICES = frozenset((1, 2, 5))
_H265_SLICES = frozenset(range(22))
_H265_LEADING = frozenset((0, 2, 4, 6, 8, 10, 12, 14))
"""Sub-layer non-reference pictures (table 7-1)."""
_LOOKED_AT = 4096
_MOST_UNITS = 16


def is_spare(codec: str, data: bytes | memoryview) -> bool:
    """Whether this packet's picture may be left out without harm to others; False where that cannot be told."""
    if codec not in ("h264", "hevc"):
        return False
    head = bytes(data[:_LOOKED_AT])
    for unit in _units(head):  # one after the other: mostly the first one tells
        if codec == "h264" and head[unit] & 31 in _H264_SLICES:
            return head[unit] & 0x60 == 0  # nal_ref_idc
        kind = head[unit] >> 1 & 63
        if codec == "hevc" and kind in _H265_SLICES:
            return kind in _H265_LEADING
    return False


def _units(head: bytes) -> Iterator[int]:
    """Where the units of a packet begin, either with start codes or with lengths of four bytes before them."""
    has_codes = head.startswith((b"\0\0\1", b"\0\0\0\1"))
    at = head.find(b"\0\0\1") if has_codes else 0
    for _unit in range(_MOST_UNITS):
        begins = at + 3 if has_codes else at + 4
        if at < 0 or begins >= len(head):
            return
        yield begins
        at = head.find(b"\0\0\1", begins) if has_codes else begins + int.from_bytes(head[at : at + 4], "big")
