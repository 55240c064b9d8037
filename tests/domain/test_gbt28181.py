import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.domain.gbt28181 import Kind, Oddity, parse


def test_a_camera_of_daxing_is_read() -> None:
    code = parse("11011500001320000001")
    assert (code.centre, code.industry, code.kind_code, code.network, code.serial) == (
        "11011500",
        "00",
        "132",
        "0",
        "000001",
    )
    assert code.kind is Kind.NETWORK_CAMERA and code.is_regular and code.district == "110115"


@pytest.mark.parametrize(
    ("text", "oddities"),
    [
        ("1101150000132000001", (Oddity.LENGTH,)),
        ("1101150000132000000A", (Oddity.DIGITS,)),
        ("cam-01", (Oddity.LENGTH, Oddity.DIGITS)),
        ("99011500001320000001", (Oddity.CENTRE,)),
        ("11011500991320000001", (Oddity.INDUSTRY,)),
        ("11011500009990000001", (Oddity.KIND,)),
        ("١١٠١١٥٠٠٠٠١٣٢٠٠٠٠٠٠١", (Oddity.DIGITS,)),
    ],
)
def test_what_is_odd_is_told_and_nothing_is_refused(text: str, oddities: tuple[Oddity, ...]) -> None:
    code = parse(text)
    assert code.text == text and code.oddities == oddities and not code.is_regular


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{20}", fullmatch=True))
def test_any_text_gives_a_code(text: str) -> None:
    code = parse(text)
    parts = code.centre + code.industry + code.kind_code + code.network + code.serial
    assert parts in ("", text.strip())
