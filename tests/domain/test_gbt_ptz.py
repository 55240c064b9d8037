"""The control bytes of GB/T 28181, as gateways print them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain import gbt_ptz

PART = st.floats(-1.0, 1.0)


def test_known_codes() -> None:
    assert gbt_ptz.moving(0.0, 0.0, 0.0).hex().upper() == "A50F0100000000B5"
    assert gbt_ptz.moving(-0x1F / 255, 0.0, 0.0).hex().upper() == "A50F01021F0000D6"
    assert gbt_ptz.moving(0.0, 1.0, 0.0).hex().upper() == "A50F010800FF00BC"
    assert gbt_ptz.moving(0.0, 0.0, 1.0).hex().upper() == "A50F01100000F0B5"
    assert gbt_ptz.preset_saved(1).hex().upper() == "A50F018100010037"
    assert gbt_ptz.preset_called(255).hex().upper() == "A50F018200FF0036"
    assert gbt_ptz.preset_removed(2).hex().upper() == "A50F01830002003A"
    assert gbt_ptz.focusing(0.0, 0.0).hex().upper() == "A50F0140000000F5"


@given(PART, PART, PART)
def test_a_code_is_eight_bytes_with_its_own_sum_and_opposite_bits_never_meet(p: float, t: float, z: float) -> None:
    for code in (gbt_ptz.moving(p, t, z), gbt_ptz.focusing(p, t)):
        assert len(code) == 8 and code[:3] == b"\xa5\x0f\x01" and code[7] == sum(code[:7]) % 256
        assert all(code[3] & pair != pair for pair in (0b11, 0b1100, 0b110000))


@pytest.mark.parametrize("wrong", [(256,), (0, -1), (0, 0, 0, 16), (0, 0, 0, 0, 4096)])
def test_what_does_not_fit_is_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError):
        gbt_ptz.packed(*wrong)
    with pytest.raises(ValueError):
        gbt_ptz.preset_called(0)
