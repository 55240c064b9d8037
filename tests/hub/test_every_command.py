"""Every command there is, built from its own type with values that nobody expects: answered, and the hub goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from controlroom.domain.alarm_bands import decode_bands
from controlroom.domain.room import Room
from controlroom.domain.times import to_ms
from controlroom.hub.core import Core
from controlroom.hub.desk import Desk
from controlroom.hub.readings_history import RecentReadings
from controlroom.store.journal import Journal
from controlroom.wire import codec
from controlroom.wire.messages import Answer, CommandBody, Denied, Done
from resources import path
from tests.rooms import NOON

HOSTILE = [
    "",
    " ",
    "\u202e<b>&amp;",
    "\x00\x1b[2J",
    "积" * 400,
    "x" * 10_000,
    "'; DROP TABLE journal; --",
    "a/b%2Fc",
    "{place}%s{0}",
    "\ud800\udc00".encode("utf-16", "surrogatepass").decode("utf-16"),
]
KNOWN = ["s/a", "s/b", "one", "two", "watch_leader", "main", "p1", "c1", "黄村镇", "王", "20261121-001"]
TEXT = st.sampled_from(KNOWN) | st.sampled_from(HOSTILE) | st.text(max_size=20)
TIMES = st.sampled_from(
    [
        NOON,
        NOON + timedelta(hours=1),
        NOON - timedelta(days=400),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        NOON + timedelta(days=29),
    ]
)
FLOATS = st.sampled_from([0.0, -0.0, 0.1, 1.0, 32.0, 1e308, -1e308, 5e-324, 116.3, 39.7]) | st.floats(
    allow_nan=True, allow_infinity=True
)
NUMBERS = st.sampled_from([0, 1, 2, 3, 4, 8, 9, -1, 64, 2**31, 2**63 - 1, to_ms(NOON)])


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """What a field of a type may hold, and what it may just not."""
    match kind:
        case inspect.Metadata(type=inner):
            return values(inner)
        case inspect.StrType():
            return TEXT
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return NUMBERS
        case inspect.FloatType():
            return FLOATS
        case inspect.DateTimeType():
            return TIMES
        case inspect.NoneType():
            return st.none()
        case inspect.BytesType():
            return st.binary(max_size=40)
        case inspect.EnumType(cls=cls):
            return st.sampled_from([each.value for each in cls])
        case inspect.LiteralType(values=known):
            return st.sampled_from(list(known))
        case inspect.UnionType(types=several):
            return st.one_of([values(each) for each in several])
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=4)
        case inspect.TupleType(item_types=items):
            return st.tuples(*(values(each) for each in items)).map(list)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(values(key), values(value), max_size=3)
        case inspect.StructType():
            return structs(kind)
    raise NotImplementedError(f"{kind} in a command: say here what it may hold")


def structs(kind: inspect.StructType) -> st.SearchStrategy[Any]:
    fields = {each.encode_name: values(each.type) for each in kind.fields}
    if kind.array_like:
        return st.tuples(*fields.values()).map(list)
    must = {each.encode_name for each in kind.fields if each.required}
    tag = {} if kind.tag_field is None else {kind.tag_field: st.just(kind.tag)}
    return st.fixed_dictionaries(
        tag | {name: made for name, made in fields.items() if name in must},
        optional={name: made for name, made in fields.items() if name not in must},
    )


def everything() -> Core:
    """A hub's core with something for every command to act on."""
    core = Core("live", Room(), bands=decode_bands(path("data", "alarm_bands.toml").read_bytes()))
    point = [116.3, 39.7]
    told: list[dict[str, Any]] = [
        {"type": "sensors", "sensors": [{"id": "p1", "name": "水位", "kind": "flood_depth", "point": point}]},
        {"type": "cameras", "cameras": [{"id": "c1", "name": "路口", "point": point}]},
        *(
            {"type": "alarm", "key": key, "severity": 2, "title": "积水", "occurred_at": NOON, "place": "黄村镇 东桥"}
            for key in "ab"
        ),
    ]
    for each in told:
        tell(core, each)
    return core


def tell(core: Core, record: dict[str, Any]) -> None:
    core.record("s", codec.record(msgspec.Raw(codec.encode(record))), "WGS-84", NOON)


def answered(desk: Desk, frame: bytes, after_s: float = 0.0) -> Answer:
    (reply,) = desk.handle(frame, NOON + timedelta(seconds=after_s)).replies
    return codec.reply(reply).body


def command(number: int, body: Any) -> bytes:
    told = {"type": "command", "id": f"c{number}", "seat": "one", "officer": "王", "body": body}
    return codec.encode({"id": number, "body": told, "v": 1, "realm": "live"})


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    made = Journal(tmp_path_factory.mktemp("store") / "room.db")
    yield made
    made.close()


@pytest.mark.parametrize("kind", get_args(CommandBody), ids=lambda kind: kind.__name__)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_command_with_any_values_is_answered_and_the_hub_goes_on(
    kind: Any, journal: Journal, data: st.DataObject
) -> None:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    core = everything()
    desk = Desk(core, journal, {}, lambda: None, RecentReadings())
    opening = {"type": "open_incident", "title": "积水", "grade": 2, "alarms": ["s/a"]}
    assert isinstance(answered(desk, command(0, opening)), Done)
    for number in range(1, data.draw(st.integers(1, 3)) + 1):
        frame, before = command(number, data.draw(structs(info))), core.room.sequence
        answer = answered(desk, frame, number)
        assert isinstance(answer, Done | Denied)
        assert isinstance(answer, Done) or core.room.sequence == before
        after = core.room.sequence
        assert answered(desk, frame, number) == answer
        assert core.room.sequence == after, "a command that came twice counted twice"
    core.look(NOON + timedelta(minutes=5))
    tell(core, {"type": "alarm", "key": "good", "severity": 1, "title": "积水", "occurred_at": NOON})
    assert isinstance(answered(desk, command(99, {"type": "acknowledge", "alarms": ["s/good"]}), 400), Done)
    copy = Room()
    copy.restore(core.room.sequence, (codec.event(codec.encode(event)) for event in core.room.snapshot()))
    assert copy.digest() == core.room.digest()
