"""The schema file is what the types say, and what it says is what the hub accepts."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from controlroom.wire import schema
from controlroom.wire.messages import Handover, Refusal
from tests.rooms import alarm


def test_the_schema_file_is_generated_from_the_types() -> None:
    assert schema.FILE.read_text("utf-8") == schema.text()


def validate(message: Any) -> None:
    whole = schema.generate()
    jsonschema.Draft202012Validator({**whole["messages"]["handover"], "$defs": whole["$defs"]}).validate(message)


def test_the_schema_accepts_what_the_protocol_page_shows() -> None:
    page = schema.FILE.with_name("PROTOCOL.md").read_text("utf-8")
    example = re.search(r"```json\n(.*?)```", page, re.S)
    assert example is not None
    validate(json.loads(example[1]))
    msgspec.json.decode(example[1], type=Handover)


@pytest.mark.parametrize("bad", [{"severity": 9}, {"title": ""}, {"point": [200, 10]}, {"key": 7}])
def test_the_schema_refuses_what_the_hub_refuses(bad: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate({"source": "s", "records": [alarm("a") | bad]})


def test_the_protocol_page_names_every_refusal() -> None:
    page = Path(schema.FILE).with_name("PROTOCOL.md").read_text("utf-8")
    assert all(code.value in page for code in Refusal)
