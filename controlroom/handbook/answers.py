"""Which section of the handbook says what to do about a sentence that the program told."""

import re
from functools import cache

from controlroom import i18n
from controlroom.handbook.tables import faults

PAGE = "faults"
_LEAST = 8
"""Signs of a message outside its fields, below which it would be found in anything."""


def topic_of_fault(sentence: str) -> str:
    """The topic that says what to do about a sentence in the language of the screens; empty where there is none."""
    for pattern, topic in _patterns(i18n.language()):
        if pattern.search(sentence):
            return topic
    return ""


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every message as a pattern, the one with most of its own words first."""
    say = i18n.load(language).gettext
    found: list[tuple[int, re.Pattern[str], str]] = []
    for section, messages in faults().items():
        for message in messages:
            parts = re.split(r"\{\{?\w+[^{}]*\}?\}", say(message))
            own = sum(len(part.strip()) for part in parts)
            if own >= _LEAST or (own >= _LEAST // 2 and language != i18n.SOURCE_LANGUAGE):
                pattern = re.compile("(?s:.*?)".join(re.escape(part) for part in parts))
                found.append((own, pattern, f"{PAGE}#{section}"))
    found.sort(key=lambda held: -held[0])
    return tuple((pattern, topic) for _own, pattern, topic in found)
