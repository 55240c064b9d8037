"""The hub's command line."""

import argparse
from pathlib import Path

import pytest

from controlroom.commands import hub
from controlroom.commands.setup import Setup
from controlroom.settings import Settings, folders
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
