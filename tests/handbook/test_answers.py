"""A sentence of a fault leads to the section that says what to do."""

import pytest

from controlroom import i18n
from controlroom.handbook.answers import topic_of_fault
from controlroom.handbook.pages import handbook
from controlroom.handbook.tables import faults
from controlroom.i18n import _


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_the_sentence_of_every_fault_is_found_with_its_fields_filled(language: str) -> None:
    i18n.set_language(language)
    known = {section.topic for section in handbook(language).page("faults").sections}
    lost = []
    for section, messages in faults().items():
        for message in messages:
            told = _(message)
            for field in i18n.fields(message) or ():
                told = told.replace(f"{{{field}}}", "甲/b 7")
            topic = topic_of_fault(told)
            assert topic == "" or topic in known
            if topic != f"faults#{section}":
                lost.append((section, topic, told))
    assert not lost


def test_a_sentence_inside_others_is_found_and_any_other_is_not() -> None:
    i18n.set_language("en")
    told = "Oh. The disk of the store x is full; free some space, nothing is lost yet. And more."
    assert topic_of_fault(told) == "faults#store"
    assert topic_of_fault("Written: somewhere") == ""
    assert topic_of_fault("") == ""
