"""A drill: what passed in a rainstorm is played back under the drill's frame, paused and hurried by the officer."""

import subprocess
import sys
from pathlib import Path

from controlroom.domain.drill import Transport
from controlroom.drill.session import drill_run
from controlroom.drill.shelf import RECORDINGS
from tests.journeys.conftest import Opener
from tests.journeys.pilot import until
from widgets.drill_transport import DrillTransport

PASSED = 8


def test_a_recorded_rainstorm_is_listed_and_replayed_under_the_drill_frame(
    seat: Opener, repository: Path, tmp_path: Path
) -> None:
    room = seat(tmp_path / "live", scenario="rainstorm", speed=6.0, layout="single")
    until(lambda: room.live() and len(room.room.alarms) >= 3, "the storm has raised alarms")
    until(lambda: room.age_s > PASSED and room.room.sequence > 20, "enough has passed")
    live_alarms = set(room.room.alarms)
    room.close()

    listed = subprocess.run(
        [sys.executable, "-m", "controlroom", "drill", "list", "--home", str(tmp_path / "live")],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    (recording,) = (tmp_path / "live" / "data" / RECORDINGS).iterdir()
    assert recording.name in listed

    with drill_run(recording, speed=4.0, paused=False) as prepared:
        drill = seat(
            tmp_path / "drill",
            simulate=False,
            hub_arguments=prepared.hub_arguments,
            children=(("player", prepared.player_arguments),),
        )
        until(lambda: drill.live() and drill.room.drill is not None, "the drill's hub plays")
        assert drill.app.pump.status.realm.startswith("drill/")
        until(lambda: all(window.in_drill for window in drill.windows.values()), "the frame is round every window")
        until(lambda: set(drill.room.alarms) & live_alarms, "the storm's alarms come again")
        drill.app.windows.desk.reveal("drill")
        transport = drill.one(DrillTransport)
        until(lambda: transport.isVisible() and transport.button.isEnabled(), "the transport is there")
        drill.click(transport.button)
        until(lambda: drill.room.drill.transport is Transport.PAUSED, "it stands still")
        held = drill.app.clock.now()
        until(lambda: transport.button.isEnabled(), "it can be played on")
        assert abs((drill.app.clock.now() - held).total_seconds()) < 1.0
        transport.speed.setCurrentIndex(transport.speed.findData(8.0))
        transport.speed.activated.emit(transport.speed.currentIndex())
        until(lambda: drill.room.drill.speed == 8.0, "it is faster")
        drill.click(transport.button)
        until(lambda: drill.room.drill.transport is not Transport.PAUSED, "it goes on")
        until(lambda: drill.room.drill.transport is Transport.ENDED, "it comes to its end")
        drill.close()


def test_a_file_that_is_no_recording_is_one_sentence(repository: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.rec"
    junk.write_bytes(b"not a recording")
    done = subprocess.run(
        [sys.executable, "-m", "controlroom", "drill", "replay", str(junk), "--home", str(tmp_path / "home")],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "junk.rec" in done.stderr and "Traceback" not in done.stderr
