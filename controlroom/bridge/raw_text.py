"""Bytes and texts that a stranger sent, as text that cannot do anything: nothing in it is drawn other than it is."""

import unicodedata
from html import escape

from PySide6.QtCore import Qt

_WIDTH = 16
_JOINER = "\u200d"
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, invisible formats (bidi overrides among them), surrogates, private and unassigned, line and paragraph."""


def escaped(body: bytes) -> str:
    """UTF-8 as text with every control and invisible character written out; anything else as a table of bytes.

    A last character that was cut off is left out.
    """
    for end in range(len(body), max(-1, len(body) - 4), -1):
        try:
            return harmless(body[:end].decode("utf-8"), keep="\n\t") if _is_text(body) else dump(body)
        except UnicodeDecodeError:
            continue
    return dump(body)


def harmless(text: str, keep: str = "") -> str:
    """Text whose controls and invisible characters, but those of `keep`, are written out.

    The joiner that emoji are made with stays: it moves nothing.
    """
    if text.isprintable():
        return text
    keep += _JOINER
    return "".join(
        each if each in keep or unicodedata.category(each) not in _UNSAFE else _written(each) for each in text
    )


def tip(text: str) -> str:
    """A tool tip that is shown as it is: Qt takes a text with a tag in it for HTML, whoever wrote it."""
    return f"<qt>{escape(harmless(text, keep=chr(10))).replace(chr(10), '<br>')}</qt>" if text else ""


def in_role(text: str, role: int) -> str:
    """A cell's text as it may be drawn, or as its tool tip."""
    return tip(text) if role == Qt.ItemDataRole.ToolTipRole else harmless(text)


def dump(body: bytes) -> str:
    """Sixteen bytes to a line: where they are, their values, and those that are ASCII letters."""
    lines = []
    for start in range(0, len(body), _WIDTH):
        row = body[start : start + _WIDTH]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        lines.append(f"{start:04x}  {row.hex(' '):<{3 * _WIDTH - 1}}  {letters}")
    return "\n".join(lines)


def _is_text(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[", b'"') or not any(byte < 9 for byte in body)


def _written(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
