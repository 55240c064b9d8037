"""Addresses of hubs as officers write them."""

from pathlib import Path

import pytest

from controlroom.children import Child
from controlroom.errors import EnvironmentFault
from controlroom.hub_address import HubAddress, from_ready_line


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ("centre", "tcp://centre:7600"),
        ("centre:7700", "tcp://centre:7700"),
        ("tcp://10.0.0.7:7700", "tcp://10.0.0.7:7700"),
        ("tcp://10.0.0.7", "tcp://10.0.0.7:7600"),
    ],
)
def test_an_address_may_be_short(text: str, requests: str) -> None:
    assert HubAddress.parse(text).requests == requests


def test_one_key_without_the_other_is_told(tmp_path: Path) -> None:
    assert HubAddress("tcp://hub:7600").keys(None, None) == (None, None)
    with pytest.raises(EnvironmentFault, match="--hub-key"):
        HubAddress("tcp://hub:7600").keys(tmp_path / "seat.key_secret", None)


def test_a_hub_that_is_started_again_keeps_its_ports(tmp_path: Path) -> None:
    hub = Child("hub", ["hub", "--port", "0"], tmp_path / "hub.err.log")
    line = '{"ready": {"requests": 5001, "events": 5002, "telemetry": 5003, "ingest": 5004}, "realm": "live"}'
    assert from_ready_line(line, hub).requests == "tcp://127.0.0.1:5001"
    assert list(hub.arguments)[-2:] == ["--ports", "5001,5002,5003,5004"]


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"ready": {"requests": "x"}}', "Traceback"])
def test_a_hub_that_says_something_else_is_told_with_its_log(tmp_path: Path, line: str) -> None:
    with pytest.raises(EnvironmentFault, match=r"hub\.err\.log"):
        from_ready_line(line, Child("hub", ["hub"], tmp_path / "hub.err.log"))
