from importlib.resources import files

import msgspec
import pytest

from controlroom.domain.kinds import decode_kinds

TEXT = (files("resources") / "data" / "sensor_kinds.toml").read_bytes()


def test_every_kind_of_the_table_is_complete_and_its_limits_can_be_reached() -> None:
    kinds = decode_kinds(TEXT)
    assert len(kinds) >= 30
    for name, kind in kinds.items():
        assert kind.name and kind.name_en, name
        assert kind.low <= kind.scale[0] < kind.scale[1] <= kind.high, name
        assert kind.source or not kind.limits, name
        for limit in kind.limits:
            thresholds = [at for at in (limit.above, limit.below) if at is not None]
            assert thresholds, name
            assert all(kind.low <= at <= kind.high for at in thresholds), name


def test_worse_limits_lie_further_out() -> None:
    for name, kind in decode_kinds(TEXT).items():
        above = sorted((-limit.severity, limit.above) for limit in kind.limits if limit.above is not None)
        below = sorted((limit.severity, limit.below) for limit in kind.limits if limit.below is not None)
        assert [at for _, at in above] == sorted(at for _, at in above), name
        assert [at for _, at in below] == sorted(at for _, at in below), name


def test_flooding_is_judged_by_the_four_levels_of_the_district() -> None:
    flood = decode_kinds(TEXT)["flood_depth"]
    assert [(int(limit.severity), limit.above) for limit in flood.limits] == [(4, 15), (3, 27), (2, 40), (1, 60)]


def test_a_table_with_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(msgspec.ValidationError, match="depth"):
        decode_kinds(TEXT.replace(b"deadband", b"depth"))
