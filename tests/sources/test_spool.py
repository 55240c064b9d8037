from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.errors import StoreFault
from controlroom.sources.spool import FileSpool, MemorySpool, Spool, SpoolFull

Make = Callable[[], Spool]


@pytest.fixture(params=["memory", "file"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Spool:
    made: Spool = MemorySpool(limit=5) if request.param == "memory" else FileSpool(tmp_path / "s.db", limit=5)
    request.addfinalizer(made.close)
    return made


def test_bodies_are_numbered_from_one_and_kept_until_confirmed(spool: Spool) -> None:
    assert [spool.put(b) for b in (b"a", b"b", b"c")] == [1, 2, 3]
    assert spool.after(0, 2) == [(1, b"a"), (2, b"b")]
    spool.confirm(2)
    assert spool.after(0, 9) == [(3, b"c")]
    assert spool.put(b"d") == 4


def test_a_full_spool_refuses_and_keeps_nothing_of_it(spool: Spool) -> None:
    for body in (b"1", b"2", b"3", b"4", b"5"):
        spool.put(body)
    with pytest.raises(SpoolFull):
        spool.put(b"6")
    spool.confirm(1)
    assert spool.put(b"6") == 6


def test_a_new_session_numbers_what_is_left_from_one(spool: Spool) -> None:
    for body in (b"1", b"2", b"3", b"4"):
        spool.put(body)
    spool.confirm(2)
    before = spool.session
    spool.renew()
    assert spool.session != before
    assert spool.after(0, 9) == [(1, b"3"), (2, b"4")]
    assert spool.put(b"5") == 3


def test_a_blanked_body_keeps_its_number(spool: Spool) -> None:
    spool.put(b"1")
    spool.put(b"2")
    assert spool.blank(1) == b"1"
    assert spool.after(0, 9) == [(1, b"\x90"), (2, b"2")]


@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(1, 3), st.none(), st.just("renew")), max_size=40))
def test_a_spool_file_that_is_opened_again_holds_what_one_that_stayed_open_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[bytes | int | str | None]
) -> None:
    path = tmp_path_factory.mktemp("spool") / "s.db"
    file, memory = FileSpool(path), MemorySpool()
    for step in steps:
        if isinstance(step, bytes):
            assert file.put(step) == memory.put(step)
        elif isinstance(step, int):
            file.confirm(file.confirmed + step)
            memory.confirm(memory.confirmed + step)
        elif step == "renew":
            file.renew()
            memory.renew()
        else:
            session = file.session
            file.close()
            file = FileSpool(path)
            assert file.session == session
        assert (file.last, file.confirmed) == (memory.last, memory.confirmed)
        assert file.after(0, 99) == memory.after(0, 99)
    file.close()


def test_two_processes_cannot_share_a_spool(tmp_path: Path) -> None:
    first = FileSpool(tmp_path / "s.db")
    with pytest.raises(StoreFault, match=r"in use|占用") as caught:
        FileSpool(tmp_path / "s.db")
    assert caught.value.condition == "locked"
    first.close()


def test_a_damaged_spool_is_told_in_words_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(b"this is no database, whatever it says" * 100)
    with pytest.raises(StoreFault) as caught:
        FileSpool(path)
    assert caught.value.condition == "corrupt"
    assert path.read_bytes().startswith(b"this is no database")


def test_a_folder_that_cannot_be_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreFault, match="file"):
        FileSpool(tmp_path / "file" / "s.db")
