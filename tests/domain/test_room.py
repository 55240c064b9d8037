"""A room rebuilt from its snapshot is the same room, provably."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.domain.asset import Asset, AssetKind
from controlroom.domain.camera import Camera
from controlroom.domain.events import (
    AlarmChanged,
    AssetsDeclared,
    AssetsMoved,
    CamerasDeclared,
    EntryAdded,
    Event,
    IncidentChanged,
    PicturesLooked,
    SensorsDeclared,
    WallChanged,
)
from controlroom.domain.incident import Entry, EntryKind, Incident
from controlroom.domain.picture_look import PictureLook
from controlroom.domain.place import Point
from controlroom.domain.room import Room
from controlroom.domain.sensor import Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.wall import Wall
from tests.domain.test_alarm import raised
from tests.rooms import NOON

NAMES = st.sampled_from(["a", "b", "c"])


def incident(name: str) -> Incident:
    return Incident(id=name, title="积水", grade=Severity.RED, opened_at=NOON, opened_by="王")


EVENTS = st.one_of(
    st.builds(lambda severity: AlarmChanged(raised(severity)), st.sampled_from(Severity)),
    st.builds(lambda name: IncidentChanged(incident(name)), NAMES),
    st.builds(
        lambda name, text: EntryAdded(Entry(id=text, incident=name, at=NOON, by="王", kind=EntryKind.NOTE, text=text)),
        NAMES,
        st.text(max_size=8),
    ),
    st.builds(lambda name: CamerasDeclared((Camera(id=name, name=name),)), NAMES),
    st.builds(
        lambda name, unit: SensorsDeclared((ord(name),), (Sensor(id=name, name=name, kind="k", unit=unit),)),
        NAMES,
        st.text(max_size=3),
    ),
    st.builds(
        lambda name, gone: AssetsDeclared((Asset(id=name, name=name, kind=AssetKind.TEAM, removed=gone),)),
        NAMES,
        st.booleans(),
    ),
    st.builds(lambda name, lon: AssetsMoved((name,), (Point(lon, 39.7),), (NOON,)), NAMES, st.floats(116.0, 117.0)),
    st.builds(lambda name: PicturesLooked((PictureLook(camera=name, at=NOON),)), NAMES),
    st.builds(lambda name: WallChanged(Wall(name=name, tiles=(name,))), NAMES),
)


def folded(events: list[Event]) -> Room:
    room = Room()
    for number, event in enumerate(events, 1):
        room.apply(number, event)
    return room


@given(st.lists(EVENTS, max_size=40))
def test_a_snapshot_rebuilds_the_room(events: list[Event]) -> None:
    room, copy = folded(events), Room()
    copy.restore(room.sequence, room.snapshot())
    assert copy.digest() == room.digest()


@given(st.lists(EVENTS, min_size=1, max_size=20))
def test_rooms_that_differ_have_different_digests(events: list[Event]) -> None:
    assert folded(events).digest() != folded(events[:-1]).digest()


def test_an_event_out_of_order_is_refused() -> None:
    room = Room()
    with pytest.raises(ValueError, match="does not follow"):
        room.apply(2, WallChanged(Wall(name="a")))
