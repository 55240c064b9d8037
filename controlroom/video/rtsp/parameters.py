"""The size of a stream's pictures, from its sequence parameter set (ITU-T H.264 section 7.3.2.1, H.265 7.3.2.2)."""

from msgspec import Struct

_MOST_BYTES = 512
_HIGH = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
_ASPECTS = (1, 1, 12 / 11, 10 / 11, 16 / 11, 40 / 33, 24 / 11, 20 / 11, 32 / 11, 80 / 33, 18 / 11, 15 / 11, 64 / 33,
            160 / 99, 4 / 3, 3 / 2, 2)  # fmt: skip
"""Width of a pixel by aspect_ratio_idc (H.264 table E-1)."""
_OWN_ASPECT = 255


class Shape(Struct, frozen=True):
    """Width and height of the pictures, and the width of a pixel whose height is 1."""

    width: int
    height: int
    aspect: float = 1.0


class _Bits:
    """Reads bits and Exp-Golomb numbers. Raises ValueError at the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the parameter set is too short")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def number(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("no number")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        value = self.number()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def shape_of(codec: str, parameters: tuple[bytes, ...]) -> Shape | None:
    """The shape that a sequence parameter set among these tells; None where none does."""
    for unit in parameters:
        try:
            if codec == "h264" and unit and unit[0] & 31 == 7:
                return _h264(_Bits(_plain(unit[1:])))
            if codec == "hevc" and unit and unit[0] >> 1 & 63 == 33:
                return _h265(_Bits(_plain(unit[2:])))
        except ValueError:
            return None
    return None


def _plain(data: bytes) -> bytes:
    return data[:_MOST_BYTES].replace(b"\0\0\3", b"\0\0")


def _h264(bits: _Bits) -> Shape | None:
    profile = bits.take(8)
    bits.take(16)
    bits.number()
    chroma, is_separate = 1, 0
    if profile in _HIGH:
        chroma = bits.number()
        is_separate = bits.take(1) if chroma == 3 else 0
        bits.number()
        bits.number()
        bits.take(1)
        if bits.take(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    _skip_scaling(bits, 16 if index < 6 else 64)
    bits.number()
    order = bits.number()
    if order == 0:
        bits.number()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _frame in range(min(bits.number(), 255)):
            bits.signed()
    bits.number()
    bits.take(1)
    width, units = 16 * (bits.number() + 1), bits.number() + 1
    is_whole = bits.take(1)
    height = 16 * units * (2 - is_whole)
    if not is_whole:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        step_x = 2 if chroma in (1, 2) and not is_separate else 1
        step_y = (2 if chroma == 1 and not is_separate else 1) * (2 - is_whole)
        left, right, top, bottom = (bits.number() for _side in range(4))
        width, height = width - step_x * (left + right), height - step_y * (top + bottom)
    return _shape(width, height, _aspect(bits) if bits.take(1) else 1.0)


def _aspect(bits: _Bits) -> float:
    """The aspect ratio, the first thing that the usability information tells (H.264 annex E)."""
    if not bits.take(1):
        return 1.0
    index = bits.take(8)
    if index == _OWN_ASPECT:
        across, down = bits.take(16), bits.take(16)
        return across / down if across and down else 1.0
    return float(_ASPECTS[index]) if index < len(_ASPECTS) else 1.0


def _skip_scaling(bits: _Bits, size: int) -> None:
    last = following = 8
    for _entry in range(size):
        if following:
            following = (last + bits.signed()) & 255
        last = following or last


def _h265(bits: _Bits) -> Shape | None:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1)
    bits.take(88)
    bits.take(8)
    told = [(bits.take(1), bits.take(1)) for _layer in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for has_profile, has_level in told:
        bits.take(88 * has_profile + 8 * has_level)
    bits.number()
    chroma = bits.number()
    if chroma == 3:
        bits.take(1)
    width, height = bits.number(), bits.number()
    if bits.take(1):
        step_x, step_y = 2 if chroma in (1, 2) else 1, 2 if chroma == 1 else 1
        left, right, top, bottom = (bits.number() for _side in range(4))
        width, height = width - step_x * (left + right), height - step_y * (top + bottom)
    return _shape(width, height, 1.0)


def _shape(width: int, height: int, aspect: float) -> Shape | None:
    return Shape(width, height, aspect) if 0 < width <= 1 << 16 and 0 < height <= 1 << 16 else None
