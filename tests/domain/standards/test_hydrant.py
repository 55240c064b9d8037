import pytest

from controlroom.domain.standards import hydrant
from controlroom.domain.standards.hydrant import HydrantState as State
from resources.data import table

STANDARD = hydrant.parse(table("standards/hydrant.toml"))


@pytest.mark.parametrize(
    ("mpa", "state"),
    [
        (0.0, State.UNUSABLE), (0.0999, State.UNUSABLE), (0.10, State.LOW), (0.1399, State.LOW), (0.14, State.NORMAL),
        (0.30, State.NORMAL), (0.80, State.NORMAL), (0.801, State.HIGH),
    ],
)  # fmt: skip
def test_a_pressure_at_rest(mpa: float, state: State) -> None:
    assert hydrant.hydrant_state(STANDARD, mpa) is state


def test_the_noise_of_a_32_bit_column_makes_no_pressure_low() -> None:
    assert hydrant.hydrant_state(STANDARD, 0.13999999) is State.NORMAL


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.1])
def test_what_is_no_pressure_has_no_state(bad: float) -> None:
    assert hydrant.hydrant_state(STANDARD, bad) is None


@pytest.mark.parametrize(("mpa", "flow", "serves"), [(0.10, 15, True), (0.099, 15, False), (0.10, 14.9, False)])
def test_at_a_fire_pressure_and_flow_both_count(mpa: float, flow: float, serves: bool) -> None:
    assert hydrant.serves_a_fire(STANDARD, mpa, flow) is serves
