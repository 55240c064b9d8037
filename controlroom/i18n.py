"""Translation of every visible string: English in code, Chinese in catalogues.

The catalogues of a language are the PO parts in `resources/i18n/<language>/`; they are merged and compiled in memory at
first use. Mark strings with `_`, plurals with `_n`, and strings of a table that is built at import with `N_`.
"""

import gettext
import io
import logging
import string
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import resources

log = logging.getLogger(__name__)

SOURCE_LANGUAGE = "en"
DEFAULT_LANGUAGE = "zh_CN"
LANGUAGES = {"zh_CN": "简体中文", "en": "English"}
"""Code to the name that the language gives itself."""

CATALOGUES = Path(resources.__file__).parent / "i18n"


class _Choice:
    """The chosen language and its translation, loaded at first use."""

    def __init__(self) -> None:
        self.language = DEFAULT_LANGUAGE
        self.translation: gettext.NullTranslations | None = None

    def load(self) -> gettext.NullTranslations:
        if self.translation is None:
            self.translation = translation(self.language)
        return self.translation


# The one exception to "no module-level state": a process speaks one language, and `_` must be a plain function to be
# readable in every widget. It holds the choice only; two threads that load at once build the same thing twice.
_chosen = _Choice()


def set_language(code: str) -> None:
    """Speak this language from now on; strings that are already on the screen stay. ValueError where it is unknown."""
    if code not in LANGUAGES:
        raise ValueError(f"unknown language {code!r}; known are {', '.join(LANGUAGES)}")
    if code != _chosen.language:
        _chosen.language = code
        _chosen.translation = None


def sentences(*told: str) -> str:
    """Whole sentences one after the other: with a blank between them, but in Chinese with none. Empty ones go."""
    return ("" if _chosen.language == "zh_CN" else " ").join(part for part in told if part)


def language() -> str:
    """The code of the language that is spoken."""
    return _chosen.language


def _(message: str) -> str:
    """The message in the officer's language; its fields stay as they are."""
    return _chosen.load().gettext(message)


def _n(singular: str, plural: str, n: int) -> str:
    """The message for this count in the officer's language; format it with the count yourself."""
    return _chosen.load().ngettext(singular, plural, n)


def N_(message: str) -> str:
    """The message unchanged: marks a string for the catalogue that is translated by `_` when it is shown."""
    return message


def fields(message: str) -> frozenset[str] | None:
    """The names of the format fields of a message; None where it is no format string."""
    try:
        return frozenset(
            name for _text, name, _spec, _conversion in string.Formatter().parse(message) if name is not None
        )
    except ValueError:
        return None


def keeps_fields(source: tuple[str, ...], translation: tuple[str, ...]) -> bool:
    """Whether every translated form has the fields of one of the source's forms."""
    allowed = {fields(form) for form in source}
    return all(fields(form) in allowed for form in translation)


def parts(code: str, catalogues: Path = CATALOGUES) -> list[Path]:
    """The PO files of a language, in the order in which they are merged: the first translation of a message wins."""
    return sorted((catalogues / code).glob("*.po"))


def load(code: str, catalogues: Path = CATALOGUES) -> gettext.NullTranslations:
    """Merge and compile the parts of a language; translations that lost a field are left out and logged."""
    files = parts(code, catalogues) if code != SOURCE_LANGUAGE else []
    if not files:
        return gettext.NullTranslations()
    merged = Catalog(locale=code)
    for file in files:
        with file.open("rb") as source:
            catalogue = read_po(source, locale=code, ignore_obsolete=True, abort_invalid=True)
        for message in catalogue:
            if not message.id or message.id in merged or message.fuzzy:
                continue
            ids, forms = _forms(message.id), _forms(message.string)
            if not all(forms):
                continue
            if not keeps_fields(ids, forms):
                log.warning(
                    "%s: the translation of %r has other fields than the source and is not used", file.name, ids[0]
                )
                continue
            merged.add(message.id, message.string)
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def translation(code: str) -> gettext.NullTranslations:
    """The translation into a language, read once: merging the parts takes most of a second."""
    return load(code)


def _forms(text: object) -> tuple[str, ...]:
    return tuple(str(form) for form in text) if isinstance(text, (list, tuple)) else (str(text),)
