"""The hub's command line."""

import argparse
from pathlib import Path

import msgspec
import pytest

import resources
from controlroom.commands import hub
from controlroom.commands.setup import Setup
from controlroom.settings import Hub, Settings, folders
from controlroom.wire.sockets import Ports


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(settings=Settings(), folders=folders(tmp_path))


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    hub.add_arguments(parser)
    return parser.parse_args(words)


def test_without_options_the_settings_count(setup: Setup) -> None:
    options = hub.options(parsed(), setup)
    assert options.ports == Ports(7600, 7601, 7602, 7603)
    assert options.host == "127.0.0.1" and options.realm == "live"
    assert options.store == setup.folders.data / "room.db"


def test_four_neighbouring_ports_or_any_or_named_ones(setup: Setup) -> None:
    assert hub.options(parsed("--port", "9000"), setup).ports == Ports(9000, 9001, 9002, 9003)
    assert hub.options(parsed("--port", "0"), setup).ports == Ports(0, 0, 0, 0)
    assert hub.options(parsed("--port", "0", "--ports", "1,2,3,4"), setup).ports == Ports(1, 2, 3, 4)


def test_the_folder_of_the_settings_holds_store_history_and_tables(setup: Setup, tmp_path: Path) -> None:
    chosen = tmp_path / "disk"
    chosen.mkdir()
    (chosen / "duty.toml").write_text(resources.path("data", "duty.toml").read_text("utf-8"), "utf-8")
    settings = msgspec.structs.replace(setup.settings, hub=Hub(data_dir=str(chosen)))
    options = hub.options(parsed(), Setup(settings=settings, folders=setup.folders))
    assert options.store == chosen / "room.db"
    assert options.history is not None and options.history.folder.parent == chosen
    assert options.district.laid_over() == ["duty.toml"]
