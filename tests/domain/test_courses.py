from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.domain.courses import Beside, Courses
from controlroom.domain.sensor import Sensor


def courses(**above: tuple[str, ...]) -> Courses:
    return Courses({name: Sensor(id=name, name=name, kind="river_level", upstream=up) for name, up in above.items()})


def test_a_river_is_followed_up_and_down_the_next_one_first() -> None:
    river = courses(a=(), b=("a",), c=("b",), d=("c",), side=(), e=("d", "side"))
    assert river.upstream("c", 5) == [Beside("b", 1), Beside("a", 2)]
    assert river.downstream("c", 5) == [Beside("d", 1), Beside("e", 2)]
    assert river.upstream("e", 2) == [Beside("d", 1), Beside("side", 1)]
    assert river.downstream("e", 5) == []


def test_what_nobody_declared_is_not_known() -> None:
    river = courses(a=(), b=("a",), alone=(), lost=("gone",), own=("own",))
    assert river.known("a") and river.known("b")
    assert not any(river.known(name) for name in ("alone", "lost", "own", "nobody"))


names = st.sampled_from("abcdef")


@settings(max_examples=50)
@given(st.dictionaries(names, st.lists(names, max_size=3).map(tuple)), names, st.integers(1, 8))
def test_rings_end_and_nobody_is_met_twice(above, start, most) -> None:
    river = courses(**above)
    for way in (river.upstream(start, most), river.downstream(start, most)):
        ids = [each.id for each in way]
        assert len(ids) == len(set(ids)) <= most and start not in ids
        assert [each.steps for each in way] == sorted(each.steps for each in way)
