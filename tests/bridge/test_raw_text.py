"""What a stranger sent is shown as it is and cannot do anything."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from controlroom.bridge.raw_text import dump, escaped, harmless
from controlroom.wire import codec


def test_text_is_shown_as_text_and_what_is_invisible_is_written_out() -> None:
    assert escaped('{"a": "积水 <b>\u202e\u0007"}'.encode()) == '{"a": "积水 <b>\\u202e\\u0007"}'


def test_a_character_that_was_cut_off_is_left_out() -> None:
    assert escaped("{积水".encode()[:-1]) == "{积"


def test_other_bytes_are_a_table() -> None:
    shown = escaped(codec.encode({"source": "gate", "seq": 1}) + bytes(3))
    assert shown.splitlines()[0].startswith("0000  82 a6 73 6f")
    assert "source" in shown and "gate" in dump(b"gate")
    assert escaped(b"{\xff\xfe\xfd\xfc\xfb}").startswith("0000")
    assert escaped(b"") == ""


@given(st.binary(max_size=100) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_nothing_that_is_shown_can_move_what_stands_beside_it(body: bytes) -> None:
    shown = escaped(body)
    assert all(each in "\n\t" or unicodedata.category(each)[0] not in "C" for each in shown)
    assert "\n" not in harmless(shown)
