"""The flood machine, counted by hand and against a naive model."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import resources
from controlroom.domain.alarm import Alarm, AlarmState, Aside, AsideKind, acknowledged, cleared, raised, unacknowledged
from controlroom.domain.alarm_bands import AlarmBands, LoadLevel, decode_bands
from controlroom.domain.flood import Flood, FloodWatch, rings
from controlroom.domain.severity import Severity

T0 = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def bands() -> AlarmBands:
    return decode_bands(resources.path("data", "alarm_bands.toml").read_bytes())


def alarm(severity: Severity = Severity.ORANGE, at: datetime = T0) -> Alarm:
    return Alarm(
        id="s/a",
        source="s",
        key="a",
        severity=severity,
        title="积水",
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=at,
        received_at=at,
        changed_at=at,
    )


def test_the_eleventh_alarm_within_ten_minutes_begins_a_flood(bands: AlarmBands) -> None:
    watch = FloodWatch(bands.flood, "a")
    assert [watch.ring(after(i * 10)) for i in range(10)] == [None] * 10
    begun = watch.ring(after(100))
    assert begun is not None and begun.started_at == after(100) and begun.count == 11


def test_ten_within_ten_minutes_are_no_flood_whatever_came_before(bands: AlarmBands) -> None:
    watch = FloodWatch(bands.flood)
    assert all(watch.ring(after(i * 60)) is None for i in range(200))  # one a minute: always ten in the window


def test_fewer_than_five_end_it_with_count_duration_and_peak(bands: AlarmBands) -> None:
    watch = FloodWatch(bands.flood)
    for second in range(20):
        watch.ring(after(second))
    # Alarms of second s leave at s + 600: at 615 the 4 of seconds 16 to 19 are left.
    assert watch.look(after(614.9)) is None and watch.count == 5
    over = watch.look(after(615))
    assert over is not None and watch.flood is None
    assert (over.count, over.peak, over.peak_at) == (20, 20, after(19))
    assert over.started_at == after(10) and over.duration_s(after(9999)) == 605


def test_a_flood_of_before_a_restart_goes_on(bands: AlarmBands) -> None:
    held = Flood(id="@x", view="", started_at=T0, count=30, peak=30, peak_at=T0)
    watch = FloodWatch(bands.flood, "", held)
    for second in range(6):
        watch.remember(after(second))
    assert watch.look(after(10)) is None and watch.flood == held
    watch.ring(after(20))
    assert watch.flood.count == 31 and watch.flood.peak == 30
    assert watch.look(after(700)) is not None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 120)), max_size=120))
def test_the_machine_agrees_with_counting_everything_anew(bands: AlarmBands, steps: list[tuple[bool, int]]) -> None:
    watch, rung, at = FloodWatch(bands.flood), list[int](), 0
    flooding, count, peak = False, 0, 0
    for is_ring, forward in steps:
        at += forward
        if is_ring:
            rung.append(at)
            watch.ring(after(at))
        inside = sum(1 for second in rung if second > at - 600)
        if is_ring and flooding:
            count, peak = count + 1, max(peak, inside)
        elif is_ring and inside > 10:
            flooding, count, peak = True, inside, inside
        if not is_ring:
            over = watch.look(after(at))
            assert (over is not None) == (flooding and inside < 5)
            if over is not None:
                flooding = False
                assert (over.count, over.peak) == (count, peak)
        assert watch.count == inside
        assert (watch.flood is not None) == flooding


def test_what_rings_is_new_come_again_or_worse_and_nothing_else() -> None:
    new = alarm()
    assert rings(None, new)
    again = raised(new, alarm(at=after(5)))
    assert not rings(new, again)
    worse = raised(again, alarm(Severity.RED, after(6)))
    assert rings(again, worse)
    seen = acknowledged(worse, "王", after(7))
    assert not rings(worse, seen)
    assert not rings(seen, unacknowledged(seen, after(8)))
    assert not rings(seen, raised(seen, alarm(Severity.RED, after(9))))
    gone = cleared(worse, after(10))
    assert not rings(worse, gone)
    assert rings(gone, raised(gone, alarm(at=after(11))))
    aside = Aside(kind=AsideKind.SHELVED, by="王", at=T0, reason="x", severity=Severity.RED)
    assert not rings(None, msgspec.structs.replace(new, aside=aside))


def test_the_bands_are_those_of_the_standards(bands: AlarmBands) -> None:
    levels = {count: bands.level(count) for count in (0, 1, 2, 3, 10, 11, 5000)}
    assert levels == {
        0: LoadLevel.ACCEPTABLE,
        1: LoadLevel.ACCEPTABLE,
        2: LoadLevel.MANAGEABLE,
        3: LoadLevel.OVER_DEMANDING,
        10: LoadLevel.OVER_DEMANDING,
        11: LoadLevel.UNACCEPTABLE,
        5000: LoadLevel.UNACCEPTABLE,
    }
    assert all(band.source and band.clause for band in bands.band)


@pytest.mark.parametrize(
    "change",
    [
        ("most = 2", "most = 1"),
        ("ends_below = 5", "ends_below = 50"),
        ("window_s = 600", "window_s = 0"),
        ("[flood]", "[fl]"),
    ],
)
def test_figures_that_cannot_be_are_refused(change: tuple[str, str]) -> None:
    text = resources.path("data", "alarm_bands.toml").read_text("utf-8").replace(*change)
    with pytest.raises(msgspec.ValidationError):
        decode_bands(text.encode())
