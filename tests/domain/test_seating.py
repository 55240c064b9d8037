"""Where alarms belong while areas are handed about."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.seating import (
    AreaHandover,
    HandoverState,
    Route,
    Routing,
    SeatPresence,
    SeatView,
    area_of,
)
from controlroom.domain.severity import Severity

T0 = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SEATS = ("A", "B", "C")
AREAS = ("黄村镇", "兴丰街道")


def alarm(place: str, at: datetime = T0, severity: Severity = Severity.ORANGE) -> Alarm:
    return Alarm(
        id=f"s/{place}",
        source="s",
        key=place,
        severity=severity,
        title="积水",
        state=AlarmState.UNACKNOWLEDGED,
        occurred_at=at,
        received_at=at,
        changed_at=at,
        place=place,
    )


def seat(name: str, view: SeatView | None = None) -> SeatPresence:
    return SeatPresence(name=name, officer=name, since=T0, view=view or SeatView())


def handed(giver: str, taker: str, area: str = "黄村镇", state: HandoverState = HandoverState.ACCEPTED) -> AreaHandover:
    return AreaHandover(
        id=f"{giver}{taker}{area}",
        area=area,
        giver=giver,
        taker=taker,
        offered_by="王",
        offered_at=T0,
        answer_by=T0 + timedelta(seconds=60),
        state=state,
        accepted_at=T0,
    )


@pytest.mark.parametrize(
    ("place", "area"),
    [
        ("黄村镇兴华大街", "黄村镇"),
        ("兴丰街道 黄村西大街 3 号", "兴丰街道"),
        ("亦庄地区", "亦庄地区"),
        ("Huangcun, north gate", "Huangcun"),
        ("大兴机场", "大兴机场"),
        ("", ""),
    ],
)
def test_an_area_is_the_town_that_a_place_begins_with(place: str, area: str) -> None:
    assert area_of(place) == area


def test_new_alarms_of_an_area_are_the_takers_and_older_ones_stay() -> None:
    routing = Routing({name: seat(name) for name in "AB"}, [handed("A", "B")])
    new, old = alarm("黄村镇兴华大街"), alarm("黄村镇", T0 - timedelta(seconds=1))
    assert (routing.route(new, "A"), routing.route(new, "B")) == (Route.HANDED_OVER, Route.MINE)
    assert routing.route(old, "A") is Route.MINE
    assert routing.route(alarm("兴丰街道"), "A") is Route.MINE


def test_an_offer_changes_nothing_and_a_seat_that_is_gone_has_nothing() -> None:
    offered = Routing({name: seat(name) for name in "AB"}, [handed("A", "B", state=HandoverState.OFFERED)])
    assert offered.route(alarm("黄村镇"), "A") is Route.MINE
    gone = Routing({"A": seat("A")}, [handed("A", "B")])
    assert gone.route(alarm("黄村镇"), "A") is Route.MINE


def test_a_seat_with_a_view_sees_what_passes_it_and_what_was_handed_to_it() -> None:
    red_only = SeatView(severities=(Severity.RED,))
    routing = Routing({"A": seat("A"), "B": seat("B", red_only)}, [handed("A", "B")])
    assert routing.route(alarm("兴丰街道"), "B") is Route.ELSEWHERE
    assert routing.route(alarm("黄村镇"), "B") is Route.MINE
    assert routing.route(alarm("兴丰街道", severity=Severity.RED), "B") is Route.MINE


handovers = st.builds(
    handed,
    st.sampled_from(SEATS),
    st.sampled_from(SEATS),
    st.sampled_from(AREAS),
    st.sampled_from(list(HandoverState)),
).filter(lambda handover: handover.giver != handover.taker)
views = st.builds(
    SeatView,
    places=st.lists(st.sampled_from(AREAS), max_size=1).map(tuple),
    severities=st.lists(st.sampled_from(list(Severity)), max_size=2, unique=True).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(SEATS), views, min_size=1),
    st.lists(handovers, max_size=5),
    st.sampled_from(AREAS),
    st.sampled_from(list(Severity)),
)
def test_no_alarm_is_ever_nobodys(
    there: dict[str, SeatView], given_on: list[AreaHandover], place: str, severity: Severity
) -> None:
    routing = Routing({name: seat(name, view) for name, view in there.items()}, given_on)
    routes = [routing.route(alarm(place, severity=severity), name) for name in there]
    assert Route.MINE in routes
