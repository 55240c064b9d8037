"""What is wrong with a thematic file, and what its coordinates were taken for, in the officer's words."""

from collections.abc import Iterable

from controlroom.i18n import _, _n
from controlroom.mapping.thematic.messages import Entry, Failed, Opened
from controlroom.mapping.thematic.refusal import Reason, Refused
from controlroom.mapping.thematic.systems import System, Told

_LISTED = 20


def reason_words(reason: Reason, detail: str) -> str:
    """Why something is not drawn."""
    words = _words()[reason]
    return f"{words} ({detail})" if detail else words


def _words() -> dict[Reason, str]:
    return {
        Reason.NO_GEOMETRY: _("it has no place"),
        Reason.BAD_GEOMETRY: _("its geometry makes no sense"),
        Reason.NOT_FINITE: _("a coordinate is not a number"),
        Reason.OUTSIDE: _("it lies outside the world"),
        Reason.CROSSES: _("it crosses itself and encloses nothing"),
        Reason.SYNTAX: _("it is not well-formed"),
        Reason.BAD_NUMBER: _("a coordinate is no number"),
        Reason.BAD_RECORD: _("its record cannot be read"),
        Reason.UNREADABLE: _("the file cannot be opened"),
        Reason.NOT_A_FILE: _("it is not a plain file"),
        Reason.TOO_LARGE: _("it is too large; divide it"),
        Reason.EMPTY: _("there is nothing in it"),
        Reason.UNKNOWN_FORMAT: _("its format is not known"),
        Reason.BAD_FILE: _("it is not what its name says"),
        Reason.NO_COORDINATES: _("no columns of coordinates were found; name them in its sidecar"),
        Reason.BAD_TEXT: _("its text is neither UTF-8 nor GBK"),
        Reason.UNKNOWN_SYSTEM: _("its coordinate system is not known; name it in its sidecar"),
        Reason.CHANGING: _("it is being written; it is read again when it rests"),
        Reason.BAD_SIDECAR: _("its sidecar is wrong"),
        Reason.CANCELLED: _("reading it was cancelled"),
        Reason.FELL: _("the reader ended while reading it; it is read again when it changes"),
    }


def place_words(name: str, line: int, number: int) -> str:
    """layer.geojson, line 218, feature 17."""
    words = [name] if name else []
    if line:
        words.append(_("line {line}").format(line=line))
    if number:
        words.append(_("feature {number}").format(number=number))
    return _(", ").join(words)


def entry_fault(name: str, entry: Entry) -> str:
    """Why a file is not listed as a layer."""
    assert entry.fault is not None
    return f"{place_words(name, entry.line, 0)}: {reason_words(entry.fault, entry.detail)}"


def failed_words(name: str, failed: Failed) -> str:
    """Why a layer was not read."""
    return f"{place_words(name, failed.line, failed.feature)}: {reason_words(failed.reason, failed.detail)}"


def system_words(system: System) -> str:
    """What the coordinates were taken for, and on whose word."""
    how = {
        Told.DECLARED: _("as declared"),
        Told.NAMED: _("by its name"),
        Told.STANDARD: _("by the format"),
        Told.GUESSED: _("by its numbers; please check"),
    }[system.told]
    lines = [_("Coordinates taken as {system} ({how})").format(system=system.title, how=how)]
    if system.swapped:
        lines.append(_("North stands before east in this file."))
    if not system.exact:
        lines.append(_("Its datum is not exactly known here: it may lie a hundred metres off."))
    return "\n".join(lines)


def note_of(opened: Opened) -> str:
    """What must be said of a layer that was read: coordinates, what is mended, what is refused."""
    lines = [system_words(opened.system)]
    if opened.by:
        lines.append(_("Classes by {attribute}").format(attribute=opened.by))
    if opened.mended:
        lines.append(
            _n(
                "{count} area crosses itself and is drawn by what it encloses",
                "{count} areas cross themselves and are drawn by what they enclose",
                opened.mended,
            ).format(count=f"{opened.mended:,}")
        )
    if opened.refused_count:
        whole = opened.count + opened.refused_count
        lines.append(
            _("{refused} of {whole} features refused:").format(refused=f"{opened.refused_count:,}", whole=f"{whole:,}")
        )
        lines += _listed(opened.refused)
        if opened.refused_count > _LISTED:
            lines.append("…")
    return "\n".join(lines)


def _listed(refused: Iterable[Refused]) -> list[str]:
    return [
        f"{place_words('', one.line, one.number)}: {reason_words(one.reason, one.detail)}"
        for one in list(refused)[:_LISTED]
    ]
