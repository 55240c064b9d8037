from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.errors import EnvironmentFault
from controlroom.sources.simulator import scenario
from controlroom.sources.simulator.scenario import Player, Rain, Recall, Scenario, When


def measures(elapsed_s: float, flood_max_cm: float = 0.0) -> dict[str, float]:
    return {"elapsed_s": elapsed_s, "flood_max_cm": flood_max_cm}


def test_steps_happen_once_and_in_order_of_the_script() -> None:
    player = Player(Scenario(title="x", step=(Rain(mm_h=1, at_s=5), Recall(at_s=10), Rain(mm_h=2, at_s=10))))
    assert player.due(measures(4)) == []
    assert player.due(measures(5)) == [Rain(mm_h=1, at_s=5)]
    assert player.due(measures(60)) == [Recall(at_s=10), Rain(mm_h=2, at_s=10)]
    assert player.due(measures(90)) == []
    assert player.done


def test_a_condition_is_remembered_through_its_delay() -> None:
    step = Recall(when=When(measure="flood_max_cm", at_least=27.0), delay_s=5.0, at_s=10.0)
    player = Player(Scenario(title="x", step=(step,)))
    assert player.due(measures(5, 30.0)) == []
    assert player.due(measures(10, 26.9)) == []
    assert player.due(measures(11, 27.0)) == []
    assert player.due(measures(15, 0.0)) == []
    assert player.due(measures(16, 0.0)) == [step]


@given(st.lists(st.floats(0, 100), max_size=10), st.lists(st.floats(0, 200), max_size=20))
def test_every_step_whose_time_has_come_happens_exactly_once(times: list[float], looks: list[float]) -> None:
    steps = tuple(Rain(mm_h=n, at_s=at) for n, at in enumerate(times))
    player = Player(Scenario(title="x", step=steps))
    happened = [step for look in sorted(looks) for step in player.due(measures(look))]
    assert sorted(happened, key=lambda s: s.mm_h) == [s for s in steps if looks and s.at_s <= max(looks)]


@pytest.mark.parametrize("name", scenario.names())
def test_every_scenario_that_travels_with_the_program_is_sound(name: str) -> None:
    script = scenario.load(name)
    assert script.title
    assert {"calm", "rainstorm"} <= set(scenario.names())


def test_an_unknown_scenario_is_told_with_those_that_exist() -> None:
    with pytest.raises(EnvironmentFault, match=r"calm, rainstorm"):
        scenario.load("earthquake")


def test_a_wrong_scenario_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "x"\n[[step]]\ndo = "rain"\nmm_h = -5\n')
    with pytest.raises(EnvironmentFault, match=r"mine\.toml.*step"):
        scenario.load(str(path))
    path.write_text("title = ")
    with pytest.raises(EnvironmentFault, match=r"mine\.toml"):
        scenario.load(str(path))
