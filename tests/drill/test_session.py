import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from controlroom.commands.drill import found, listing
from controlroom.drill.recorder import Recorder
from controlroom.drill.session import drill_run, welcome_of
from controlroom.drill.shelf import Shelf
from controlroom.errors import EnvironmentFault, LinkLost
from controlroom.i18n import set_language
from controlroom.wire.messages import Realm
from tests.drill.test_recording import BEGIN, alarm_record, handover
from tests.rooms import WAIT_S, hub_in, seat_on


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a {storm}.recording"
    recorder = Recorder(path, title="Storm", realm="live", program="test")
    recorder.opened(BEGIN, 0, [])
    recorder.handover(BEGIN + 100, *handover(alarm_record("flood")))
    recorder.close(BEGIN + 3_600_000)
    return path


def process(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "controlroom", *arguments, "--exit-with-stdin", "--language", "en"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


def ended(child: subprocess.Popen[bytes]) -> str:
    """Close its standard input, as a parent's death does; it must end by itself."""
    _out, errors = child.communicate(timeout=WAIT_S)
    return errors.decode()


def test_a_drill_of_three_processes_plays_and_ends_with_its_parent(tmp_path, recording):
    with drill_run(recording, speed=32.0, paused=False) as prepared:
        hub = process("hub", "--home", str(tmp_path), *prepared.hub_arguments)
        assert hub.stdout is not None
        port = json.loads(hub.stdout.readline())["ready"]["requests"]
        words = [word.format(hub=f"tcp://127.0.0.1:{port}") for word in prepared.player_arguments]
        player = process(*words, "--home", str(tmp_path))
        with seat_on(port) as seat:
            seat.until(lambda: "rain/flood" in seat.mirror.room.alarms)
            assert seat.link.status.realm == prepared.realm
        assert ended(player) == ""
        assert player.returncode == 0
        assert ended(hub) == ""
        store = Path(prepared.hub_arguments[prepared.hub_arguments.index("--store") + 1])
        assert store.exists()
    assert not store.parent.exists()


def test_a_player_without_its_hub_says_so(tmp_path, recording):
    with hub_in(tmp_path) as hub, pytest.raises(LinkLost, match="does not answer as the hub of this drill"):
        welcome_of(f"tcp://127.0.0.1:{hub.ports.requests}", "drill/other")


def test_a_bad_file_is_told_before_anything_is_started(tmp_path):
    (tmp_path / "x").write_text("no recording")
    with pytest.raises(EnvironmentFault, match="is not a recording"), drill_run(tmp_path / "x", speed=1.0, paused=True):
        pytest.fail("started")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["replay"], "Name the recording"),
        (["replay", "none"], "There is no recording none"),
        (["play", "none"], "Playing needs --hub"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_sentence(tmp_path, words, sentence):
    child = process("drill", *words, "--home", str(tmp_path))
    assert sentence in ended(child)
    assert child.returncode == 1


def test_every_run_has_a_realm_of_the_wire(recording):

    pattern = Realm.__metadata__[0].pattern
    with drill_run(recording, speed=1.0, paused=True) as prepared:
        assert re.fullmatch(pattern, prepared.realm)
        assert prepared.player_arguments[-1] == "--paused"


def test_the_list_names_every_recording(tmp_path, recording):
    shelf = Shelf(tmp_path, 10**9)
    (tmp_path / "broken.recording").write_text("x")
    text = listing(shelf.shelved(), tmp_path)
    assert "1:00:00 long, 1 entries" in text and "Storm" in text
    assert "broken.recording" in text and "damaged" in text
    assert "no recordings" in listing([], tmp_path)


def test_a_recording_on_the_shelf_needs_no_folder(tmp_path, recording):
    assert found(Path(recording.name), tmp_path) == recording
    assert found(Path("none"), tmp_path) == Path("none")
