"""Checksums of what the store keeps: a flipped bit that still decodes would otherwise be taken for the truth.

CRC-32 (ITU-T V.42, as zlib computes it) finds every error of up to 32 bits in a row. Rows of programs that kept none
have none, and are taken as they are.
"""

import zlib


def line_sum(sequence: int, at_ms: int, kind: str, subject: str, body: bytes) -> int:
    """The checksum of a line of the journal, of its body and of what it is looked up by."""
    return zlib.crc32(body, zlib.crc32(f"{sequence}/{at_ms}/{kind}/{subject}/".encode("utf-8", "surrogatepass")))


def state_sum(sequence: int, body: bytes) -> int:
    """The checksum of a saved state."""
    return zlib.crc32(body, zlib.crc32(f"{sequence}/".encode()))
