"""Which section of the handbook says what to do about a sentence that the program told."""

import re
from functools import cache

from controlroom import i18n
from controlroom.handbook.tables import faults

PAGE = "faults"
_FIELD = re.compile(r"\{\{?\w+[^{}]*\}?\}")
_LEAST = 8
"""Signs of a message outside its fields, below which it would be found in anything."""


def topic_of_fault(sentence: str) -> str:
    """The topic that says what to do about a sentence in the language of the screens; empty where there is none."""
    for parts, topic in _patterns(i18n.language()):
        if _fits(sentence, parts):
            return topic
    return ""


def _fits(sentence: str, parts: tuple[str, ...]) -> bool:
    """Whether these stand in the sentence one after the other. Not a regular expression: hundreds take long to make."""
    at = 0
    for part in parts:
        at = sentence.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


@cache
def _patterns(language: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The words of every message outside its fields, the one with most of them first."""
    say = i18n.translation(language).gettext
    found: list[tuple[int, tuple[str, ...], str]] = []
    for section, messages in faults().items():
        for message in messages:
            parts = tuple(_FIELD.split(say(message)))
            own = sum(len(part.strip()) for part in parts)
            if own >= _LEAST or (own >= _LEAST // 2 and language != i18n.SOURCE_LANGUAGE):
                found.append((own, parts, f"{PAGE}#{section}"))
    found.sort(key=lambda held: -held[0])
    return tuple((parts, topic) for _own, parts, topic in found)
