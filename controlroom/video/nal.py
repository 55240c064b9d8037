"""Which coded pictures no other one refers to, told from their first bytes (ITU-T H.264 and H.265, 2021 editions)."""

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
    for unit in _units(head):
        if codec == "h264" and head[unit] & 31 in _H264_SLICES:
            return head[unit] & 0x60 == 0  # nal_ref_idc
        kind = head[unit] >> 1 & 63
        if codec == "hevc" and kind in _H265_SLICES:
            return kind in _H265_LEADING
    return False


def _units(head: bytes) -> list[int]:
    """Where the units of a packet begin, either with start codes or with lengths of four bytes before them."""
    found: list[int] = []
    if head.startswith((b"\0\0\1", b"\0\0\0\1")):
        at = head.find(b"\0\0\1")
        while 0 <= at < len(head) - 3 and len(found) < _MOST_UNITS:
            found.append(at + 3)
            at = head.find(b"\0\0\1", at + 3)
        return found
    at = 0
    while at + 4 < len(head) and len(found) < _MOST_UNITS:
        found.append(at + 4)
        at += 4 + int.from_bytes(head[at : at + 4], "big")
    return found
