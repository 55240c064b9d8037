"""The eight control bytes of GB/T 28181-2022, annex A.3 (the same in the 2016 edition).

A5, the version and a check of the first byte, the address's low byte, the instruction, two bytes of data, a half byte
of data with the address's high half byte, and the sum of the seven before, modulo 256.
"""

_FIRST = 0xA5
_SECOND = ((_FIRST >> 4) + (_FIRST & 0x0F)) % 16
"""The high half is version 1.0 (zero), the low half the sum of the half bytes so far, modulo 16."""
_SAVE, _CALL, _REMOVE = 0x81, 0x82, 0x83
_FOCUS = 0x40


def packed(instruction: int, first: int = 0, second: int = 0, third: int = 0, address: int = 1) -> bytes:
    """The eight bytes; data of 8, 8 and 4 bits, an address of 12 bits. Raises ValueError for what does not fit."""
    if not (0 <= instruction <= 255 and 0 <= first <= 255 and 0 <= second <= 255 and 0 <= third <= 15):
        raise ValueError("the data do not fit into their bits")
    if not 0 <= address <= 0xFFF:
        raise ValueError(f"address {address} has more than 12 bits")
    body = bytes((_FIRST, _SECOND, address & 0xFF, instruction, first, second, third << 4 | address >> 8))
    return body + bytes((sum(body) % 256,))


def moving(pan: float, tilt: float, zoom: float) -> bytes:
    """Turns and zooms at parts of the full speed (A.3.2): right, up and nearer are positive; all zero stops."""
    bits = 0
    for value, plus, minus in ((pan, 0, 1), (tilt, 3, 2), (zoom, 4, 5)):
        if value:
            bits |= 1 << (plus if value > 0 else minus)
    return packed(bits, _share(pan, 255), _share(tilt, 255), _share(zoom, 15))


def focusing(focus: float, iris: float) -> bytes:
    """Focuses and opens the iris at parts of the full speed (A.3.3): far and open are positive; all zero stops."""
    bits = _FOCUS
    for value, plus, minus in ((focus, 0, 1), (iris, 2, 3)):
        if value:
            bits |= 1 << (plus if value > 0 else minus)
    return packed(bits, _share(focus, 255), _share(iris, 255))


def preset_saved(number: int) -> bytes:
    """Keeps where the camera looks as preset 1…255 (A.3.4). Raises ValueError."""
    return _preset(_SAVE, number)


def preset_called(number: int) -> bytes:
    """Sends the camera to preset 1…255 (A.3.4). Raises ValueError."""
    return _preset(_CALL, number)


def preset_removed(number: int) -> bytes:
    """Takes preset 1…255 away (A.3.4). Raises ValueError."""
    return _preset(_REMOVE, number)


def _preset(instruction: int, number: int) -> bytes:
    if not 1 <= number <= 255:
        raise ValueError(f"preset {number} is none of 1 to 255")
    return packed(instruction, 0, number)


def _share(value: float, most: int) -> int:
    """A speed as a whole number; the slowest that is one at all moves the camera."""
    return 0 if not value else max(1, min(most, round(abs(value) * most)))
