"""The log: where it goes, and what never stands in it."""

import logging
import sys
from pathlib import Path

import pytest

from controlroom import logs
from controlroom.errors import EnvironmentFault


def line(text: str) -> str:
    return logs.Masked("%(message)s").format(logging.LogRecord("n", logging.INFO, "", 0, text, (), None))


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://admin:hunter2@10.0.0.1:554/live",
        "rtsp://admin:p@hunter2@10.0.0.1/live",
        "rtsp://admin:pa/hunter2@10.0.0.1/live",
        "rtsp://admin:pa:hunter2@10.0.0.1/live",
        "rtsp://hunter2@10.0.0.1/live",
        "http://10.0.0.1/live?user=a&password=hunter2&x=1",
        "http://10.0.0.1/live?token=hunter2",
        "open 'rtsp://admin:hunter2@h/1' failed, then rtsp://u:hunter2@h/2",
    ],
)
def test_no_password_of_an_address_reaches_the_log(address: str) -> None:
    told = line(f"no picture from {address}: timeout")
    assert "hunter2" not in told
    assert told.startswith("no picture from")
    assert told.endswith("timeout")


@pytest.mark.parametrize("address", ["rtsp://10.0.0.1:554/live", "tcp://127.0.0.1:7600", "http://h/a?x=1&y=2"])
def test_an_address_without_a_password_stays_as_it_is(address: str) -> None:
    assert line(f"look at {address} now") == f"look at {address} now"


def test_a_password_in_a_traceback_is_masked_too() -> None:
    try:
        raise OSError("cannot open rtsp://admin:hunter2@h/1")
    except OSError:
        record = logging.LogRecord("n", logging.ERROR, "", 0, "m", (), sys.exc_info())
    assert "hunter2" not in logs.Masked("%(message)s").format(record)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="file"):
        logs.start(tmp_path / "file" / "logs", "hub", False)
