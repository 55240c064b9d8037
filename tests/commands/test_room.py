"""The whole room from the command line."""

import argparse
from pathlib import Path

import msgspec
import pytest

from controlroom.app import SeatOptions
from controlroom.commands import room
from controlroom.commands.setup import Setup
from controlroom.settings import Demo, Settings, folders


def options(home: Path, *words: str, settings: Settings | None = None) -> SeatOptions:
    parser = argparse.ArgumentParser()
    parser.add_argument("--exit-with-stdin", action="store_true")
    room.add_arguments(parser)
    setup = Setup(settings=settings or Settings(), folders=folders(home))
    return room.room_options(parser.parse_args(words), setup)


def test_a_newcomer_gets_a_hub_and_a_calm_district(tmp_path: Path) -> None:
    chosen = options(tmp_path)
    assert chosen.simulate and not chosen.hub and not chosen.hub_arguments and not chosen.silent
    assert chosen.simulator_arguments == ("--scenario", "calm")


def test_a_real_centre_has_no_simulated_district(tmp_path: Path) -> None:
    assert not options(tmp_path, "--no-demo").simulate
    real = msgspec.structs.replace(Settings(), demo=Demo(simulate=False))
    assert not options(tmp_path, settings=real).simulate


def test_a_port_is_handed_to_the_hub(tmp_path: Path) -> None:
    assert options(tmp_path, "--port", "0", "--silent").hub_arguments == ("--port", "0")


def test_help_names_the_packaged_layouts(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    room.add_arguments(parser)
    parser.print_help()
    told = capsys.readouterr().out
    assert all(name in told for name in ("single", "two", "three", "wall"))
