"""Making keys on the command line."""

import argparse
from pathlib import Path

import pytest

from controlroom.commands import keys
from controlroom.commands.setup import Setup
from controlroom.errors import EnvironmentFault
from controlroom.settings import Settings, folders


def run(home: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    keys.add_arguments(parser)
    return keys.run(parser.parse_args(words), Setup(settings=Settings(), folders=folders(home)))


def test_a_key_pair_is_made_once_and_only_its_owner_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "desk-1", "--allow") == 0
    folder = tmp_path / "data" / "keys"
    secret = folder / "desk-1.key_secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert (folder / "allowed" / "desk-1.key").read_bytes() == (folder / "desk-1.key").read_bytes()
    assert str(secret) in capsys.readouterr().out
    before = secret.read_bytes()
    with pytest.raises(EnvironmentFault, match=r"desk-1\.key_secret"):
        run(tmp_path, "desk-1")
    assert secret.read_bytes() == before
