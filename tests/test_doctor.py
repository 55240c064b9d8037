"""The doctor: it always finishes, every line is ok or says what to do, and it changes nothing."""

import io
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controlroom import doctor, i18n, settings
from controlroom.doctor import State


def findings(found: object) -> list[doctor.Finding]:
    return [found] if isinstance(found, doctor.Finding) else list(found)


def test_the_whole_machine_is_examined_and_every_fault_has_advice(tmp_path: Path) -> None:
    found = findings(doctor.examine(settings.folders(tmp_path)))
    subjects = {finding.subject for finding in found}
    for subject in ("Python and PySide6", "Monitors", "Web engine", "Video", "Store", "Disk", "Hub", "Map scripts"):
        assert i18n._(subject) in subjects, subject
    assert all(finding.advice for finding in found if finding.state is not State.OK)
    states = {finding.subject: finding for finding in found}
    assert states[i18n._("Web engine")].state is State.OK, states
    assert states[i18n._("Python and PySide6")].state is State.OK, states
    assert list((tmp_path / "data").iterdir()) == []


def test_the_report_ends_with_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "examine", lambda _places: iter([doctor.Finding(State.LESS, "Sound", "mute", "buy one")])
    )
    i18n.set_language("en")
    out = io.StringIO()
    assert doctor.run(out, tmp_path) == 0
    assert out.getvalue() == "– Sound: mute\n    → buy one\n\nThe room can open.\n"
    monkeypatch.setattr(doctor, "examine", lambda _places: iter([doctor.Finding(State.BAD, "Store", "full", "clear")]))
    assert doctor.run(out, tmp_path) == 1


def test_a_probe_that_crashes_does_not_take_the_doctor_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(command: list[str], **options: object) -> object:
        command[1:] = ["-c", "import os, sys; sys.stderr.write('torn'); sys.stderr.flush(); os.abort()"]
        return real(command, **options)

    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", crash)
    for found in (doctor.pair(), doctor.web_engine(), doctor.graphics(), *findings(doctor.desk())):
        assert found.state is not State.OK
        assert "torn" in found.text
        assert found.advice


def test_a_probe_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE_S", 0.001)
    assert "0" in str(doctor.ask("pair"))


def test_lost_references_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"python": "3.11.7", "pyside": "6.12.0", "lost": {"None": -20000, "True": 0, "False": 0}}
    monkeypatch.setattr(doctor, "ask", lambda _probe: told)
    found = doctor.pair()
    assert found.state is State.BAD
    assert "20000" in found.text


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (found,) = doctor.store(tmp_path / "file" / "data")
    assert found.state is State.BAD


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    (found,) = doctor.store(tmp_path)
    assert found.state is State.BAD
    assert "disk I/O error" in found.text


def test_a_remote_hub_that_is_away_is_a_fault_and_a_local_one_is_not(free_port: int) -> None:
    assert doctor.hub("127.0.0.1", free_port).state is State.OK
    assert doctor.hub("127.0.0.2", free_port).state is State.BAD


def test_scripts_that_were_not_installed_are_named(tmp_path: Path) -> None:
    assert doctor.map_scripts(tmp_path).state is State.BAD
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": {"leaflet": "1.9.4"}}))
    assert "leaflet" in doctor.map_scripts(tmp_path).text
    (tmp_path / "node_modules" / "leaflet").mkdir(parents=True)
    (tmp_path / "node_modules" / "leaflet" / "package.json").write_text("{}")
    assert doctor.map_scripts(tmp_path).state is State.OK


def test_every_probe_is_a_program_with_one_line_of_json() -> None:
    done = subprocess.run([sys.executable, "-m", "controlroom.probes.pair"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["lost"].keys() == {"None", "True", "False"}


def test_hardware_decoders_are_tried_in_a_process_of_their_own() -> None:
    i18n.set_language("en")
    told = doctor.ask("video")
    assert isinstance(told, dict) and isinstance(told["kinds"], dict)
    assert doctor.tried({"kinds": {"cuda": "", "qsv": "no device"}}) == [
        "cuda decodes",
        "qsv fails (no device), the processor decodes",
    ]
    assert doctor.tried("torn") == ["torn"]
