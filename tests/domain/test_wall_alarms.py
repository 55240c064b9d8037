"""Alarm layouts keep still: a place stays what it is, and only a graver alarm takes the first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.alarm import Alarm
from controlroom.domain.severity import Severity
from controlroom.domain.wall_alarms import HOLD_S, LEAST_S, AlarmPlaces
from controlroom.domain.wall_programme import standing
from tests.domain.test_wall_programme import alarm, seeing


class Screen:
    """Places of a screen and a clock."""

    def __init__(self, count: int) -> None:
        self.places = AlarmPlaces()
        self.count = count
        self.now_s = 0.0

    def after(self, seconds: float, *alarms: Alarm) -> list[str]:
        self.now_s += seconds
        found = self.places.look(standing(alarms), seeing, self.count, self.now_s)
        return [("" if held is None else held.camera + ("!" if held.is_over else "")) for held in found]


def one(name: str, severity: Severity = Severity.YELLOW, after_s: int = 0, cameras: str = "") -> Alarm:
    return alarm(name, severity, after_s, text=cameras or name)


def test_a_new_alarm_takes_a_free_place_and_nobody_elses() -> None:
    screen = Screen(4)
    a, b = one("a"), one("b", after_s=1)
    assert screen.after(0, a) == ["a", "", "", ""]
    assert screen.after(1, a, b) == ["a", "b", "", ""], "the newer would come first if places were dealt anew"
    assert screen.after(1, a, b, one("c", Severity.BLUE)) == ["a", "b", "c", ""]


def test_what_flaps_keeps_its_place_and_what_is_over_goes_after_a_while() -> None:
    screen = Screen(2)
    a, b = one("a"), one("b")
    first, second = screen.after(0, a, b)
    assert {first, second} == {"a", "b"}
    kept = [name if name == "b" else "a!" for name in (first, second)]
    assert screen.after(1, b) == kept and screen.after(HOLD_S - 1, b) == kept
    assert screen.after(0.5, a, b) == [first, second], "it came back before it was forgotten"
    screen.after(1, b)
    assert "a!" not in screen.after(HOLD_S + 1, b)


def test_only_a_graver_alarm_takes_the_first_place_and_the_two_change() -> None:
    screen = Screen(3)
    a, b = one("a"), one("b")
    before = screen.after(0, a, b)
    assert screen.after(LEAST_S, a, b, one("same", after_s=9))[:2] == before[:2]
    grave = one("grave", Severity.RED)
    screen = Screen(3)
    before = screen.after(0, a, b)
    assert screen.after(1, a, b, grave) == [*before[:2], "grave"], "what has just come can be looked at first"
    assert screen.after(LEAST_S, a, b, grave) == ["grave", before[1], before[0]]


def test_a_full_screen_gives_places_to_the_worst_once_others_were_seen() -> None:
    screen = Screen(2)
    a, b = one("a"), one("b", Severity.BLUE)
    assert screen.after(0, a, b) == ["a", "b"]
    grave = one("grave", Severity.RED)
    assert screen.after(1, a, b, grave) == ["a", "b!"], "nothing goes before it could be looked at"
    assert screen.after(LEAST_S, a, b, grave) == ["grave", "a"]


def test_a_hot_spot_follows_the_last_alarm_without_racing() -> None:
    places = AlarmPlaces()
    first, second, third = (one(name, after_s=k) for k, name in enumerate("abc"))
    assert places.hot_spot([first], 0.0) is first
    assert places.hot_spot([first, second], 1.0) is first
    assert places.hot_spot([first, second, third], LEAST_S) is third
    assert places.hot_spot([first, second], LEAST_S + 1) is second, "one that is gone is not kept"
    assert places.hot_spot([], LEAST_S + 2) is None


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 9),
    st.lists(st.tuples(st.floats(0, 30), st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from(Severity)))),
)
def test_no_camera_stands_twice_and_no_place_changes_hands_while_its_alarm_stands_in_it(
    count: int, looks: list[tuple[float, dict[str, Severity]]]
) -> None:
    screen = Screen(count)
    before = [""] * count
    for seconds, alarms in looks:
        shown = screen.after(seconds, *(one(name, severity) for name, severity in sorted(alarms.items())))
        cameras = [name.rstrip("!") for name in shown if name]
        assert len(set(cameras)) == len(cameras) and len(shown) == count
        moved = [k for k in range(count) if before[k] and before[k] in shown and shown[k] != before[k]]
        places = {0, before.index(shown[0])} if shown[0] in before else {0}
        assert set(moved) <= places, "only the first changes places"
        if alarms and len(alarms) <= count and not any("!" in name for name in shown):
            assert sum(bool(name) for name in shown) == len(alarms)
        before = shown
