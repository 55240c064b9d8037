"""A store that is damaged: said in one sentence, kept aside, and begun anew with everything that can be read."""

import random
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from controlroom.errors import StoreFault
from controlroom.hub.opening import opened
from controlroom.store.journal import Batch, Journal, Line
from controlroom.store.salvage import suspect
from controlroom.wire.alarms import Acknowledge
from controlroom.wire.messages import PastWanted
from tests.hub.test_faults import command, event_of
from tests.rooms import NOON, HubProcess, alarm, hub_in, seat_on, source_of, wait_until
from tests.seat.test_link import equal

EVENTS = 2000
PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a hub that ended as it should, with something in every table."""
    folder = tmp_path_factory.mktemp("whole")
    with hub_in(folder) as hub, source_of(hub.ports.ingest) as source, seat_on(hub.ports.requests) as seat:
        for number in range(EVENTS // 100):
            source.hand_in(*(alarm(f"k{number}-{n}") for n in range(100)), session="x", seq=number + 1)
        source.hand_in({"type": "what"})
        seat.until(lambda: len(seat.mirror.room.alarms) == EVENTS)
        seat.link.ask(command("c", Acknowledge(alarms=["backend/k0-0"]))).result(10)
    return folder / "room.db"


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "room.db"))


def overwrite(store: Path, offset: int, rubbish: bytes) -> None:
    with store.open("r+b") as file:
        file.seek(offset)
        file.write(rubbish)


def page_of(store: Path, table: str) -> list[int]:
    """The pages of a table's leaves, or of an index's."""
    with sqlite3.connect(store) as raw:
        pages = [
            row[0] for row in raw.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", [table])
        ]
    raw.close()
    return pages


def no_dbstat() -> bool:
    with sqlite3.connect(":memory:") as raw:
        return not raw.execute("SELECT 1 FROM pragma_compile_options WHERE compile_options LIKE '%DBSTAT%'").fetchone()


def test_a_store_that_is_none_any_more_is_kept_aside_and_the_hub_starts_and_says_so(
    store: Path,
    expect_log,
) -> None:
    overwrite(store, 0, b"\xff" * 200)
    before = store.read_bytes()
    with (
        expect_log("controlroom.hub.opening", "damaged-"),
        hub_in(store.parent) as hub,
        seat_on(hub.ports.requests) as seat,
        source_of(hub.ports.ingest) as source,
    ):
        seat.until(lambda: "hub/store%2Fdamaged" in seat.mirror.room.alarms or bool(seat.mirror.room.alarms))
        (told,) = seat.mirror.room.alarms.values()
        (aside,) = store.parent.glob("room.db.damaged-????????-??????")
        assert (told.source, told.active, told.waiting) == ("hub", False, True)
        assert str(aside) in told.text
        assert aside.read_bytes() == before
        # An officer sees it, and it goes.
        seat.link.ask(command("c", Acknowledge(alarms=[told.id]))).result(10)
        seat.until(lambda: not seat.mirror.room.alarms)
        assert source.hand_in(alarm("after"))["accepted"] == 1
        equal(seat)


@pytest.mark.skipif(no_dbstat(), reason="this SQLite cannot tell where a table lies")
@pytest.mark.parametrize(
    "table", ["journal", "journal_kind_sequence", "journal_subject_sequence", "cursor", "checkpoint"]
)
def test_one_bad_page_costs_nothing_that_is_written_elsewhere(
    store: Path,
    table: str,
    expect_log,
) -> None:
    pages = page_of(store, table)
    if not pages:
        pytest.skip(f"{table} has no page of its own")
    overwrite(store, (pages[len(pages) // 2] - 1) * PAGE, b"\xff" * PAGE)
    suspect(store).touch()  # as a hub does that met the damage while it ran
    with expect_log("controlroom.hub.opening", "damaged-"), hub_in(store.parent) as hub:
        room = hub._core.room
        alarms = {key for key in room.alarms if key.startswith("backend/")}
        assert len(alarms) == EVENTS
        assert room.alarms["backend/k0-0"].acknowledged_by == "王"
        if table != "cursor":
            assert hub._door._cursors["backend", "x"] == EVENTS // 100
        assert not suspect(store).exists()
        lost = EVENTS + 2 - len(list(hub._journal.read(1, EVENTS + 2)))
        assert 0 <= lost < 60, "only what lay on the page is missing"


def test_numbers_that_were_lost_may_be_given_again_without_a_seat_mixing_them_up(
    tmp_path: Path,
    expect_log,
) -> None:
    with hub_in(tmp_path) as hub:
        ports, epoch = hub.ports, hub._journal.epoch
    journal = Journal(tmp_path / "room.db")
    journal.commit([Batch([Line(n, 0, "alarm", "a", event_of(n)) for n in range(1, 9)])])
    journal.commit([Batch([Line(9, 0, "alarm", "a", b"\xc1 rubbish")])])
    journal.close()
    with (
        expect_log("controlroom.hub.opening", "damaged-"),
        hub_in(tmp_path, ports=ports) as hub,
        seat_on(ports.requests) as seat,
    ):
        seat.until(lambda: len(seat.mirror.room.alarms) == 9, 10)
        assert hub._journal.epoch != epoch
        assert seat.mirror.room.sequence == 10, "the ninth was lost, its number is the hub's own alarm"
        equal(seat)


@pytest.mark.parametrize("seed", range(10))
def test_bytes_flipped_anywhere_never_keep_a_hub_from_starting(
    store: Path,
    seed: int,
    allow_log,
) -> None:
    allow_log("controlroom.hub.opening", "")
    allow_log("controlroom.store.journal", "checkpoint")
    chance = random.Random(seed)
    content = bytearray(store.read_bytes())
    for _flip in range(4 ** chance.randint(1, 5)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    if seed % 3 == 0:
        del content[chance.randrange(len(content)) :]
    store.write_bytes(content)
    first = opened(store, NOON)
    first.journal.close()
    second = opened(store, NOON + timedelta(seconds=1))
    second.journal.close()
    assert second.salvaged is None
    assert second.room.digest() == first.room.digest()


def test_damage_that_is_met_while_the_hub_runs_ends_it_and_the_next_start_has_what_can_be_read(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    store = tmp_path / "data" / "room.db"
    try:
        with seat_on(hub.ports.requests) as seat, source_of(hub.ports.ingest) as source:
            for number in range(40):
                source.hand_in(*(alarm(f"k{number}-{n}") for n in range(100)))
            seat.until(lambda: len(seat.mirror.room.alarms) == 4000)
            hub.close()
            hub.restart()
            pages = store.stat().st_size // PAGE
            for page in range(pages // 2, pages // 2 + 100):
                overwrite(store, page * PAGE, b"\xff" * PAGE)
            seat.link.ask(PastWanted(kind="alarm", limit=5000))
            wait_until(lambda: hub.process.poll() is not None)
            assert hub.process.returncode == 70
            hub.kill()
            hub.restart()
            assert "room.db" in (tmp_path / "hub.err").read_text()
            seat.until(lambda: any(key.startswith("hub/") for key in seat.mirror.room.alarms))
            assert len(seat.mirror.room.alarms) == 4001, "the state was saved when the hub ended"
            assert source.hand_in(alarm("after"))["accepted"] == 1
            equal(seat)
    finally:
        hub.close()


def test_a_store_of_a_newer_program_is_left_alone(store: Path) -> None:
    with sqlite3.connect(store) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StoreFault) as told, hub_in(store.parent):
        pass
    assert told.value.condition == "newer"
    assert [each.name for each in store.parent.glob("room.db*") if "damaged" in each.name] == []


def test_a_store_that_cannot_be_put_aside_is_told(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: Path, _target: Path) -> Path:
        raise PermissionError("read-only")

    overwrite(store, 0, b"\xff" * 200)
    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(StoreFault, match=r"room\.db") as told:
        opened(store, NOON)
    assert told.value.condition == "denied"


def test_two_damages_in_one_second_are_two_files(store: Path, allow_log) -> None:
    allow_log("controlroom.hub.opening", "")
    allow_log("controlroom.store.journal", "checkpoint")
    for _turn in range(2):
        overwrite(store, 0, b"\xff" * 200)
        opened(store, NOON).journal.close()
    assert len(list(store.parent.glob("room.db.damaged-*"))) == 2
