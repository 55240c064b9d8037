"""The JSON schema of everything on the wire, made from the types; `schema.json` beside this file is its copy."""

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from controlroom.domain.events import Event
from controlroom.wire.messages import Acknowledgement, Handover, Heartbeat, Record, Reply, Request

FILE = Path(__file__).with_name("schema.json")


def generate() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) with one entry per message that crosses a socket."""
    roots = {
        "handover": Handover,
        "record": Record,
        "acknowledgement": Acknowledgement,
        "request": Request,
        "reply": Reply,
        "event": Event,
        "heartbeat": Heartbeat,
    }
    schemas, definitions = msgspec.json.schema_components(
        list(roots.values()), schema_hook=_opaque, ref_template="#/$defs/{name}"
    )
    # Python before 3.13 keeps the indentation of docstrings, which would make the file depend on who writes it.
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    handover = definitions["Handover"]
    handover["properties"]["records"]["items"] = schemas[list(roots).index("record")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "controlroom wire",
        "messages": dict(zip(roots, schemas, strict=True)),
        "$defs": definitions,
    }


def text() -> str:
    """The schema as the file holds it."""
    return json.dumps(generate(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _opaque(kind: type) -> dict[str, Any]:
    """Raw parts are records or events; they are described on their own."""
    if kind is msgspec.Raw:
        return {}
    raise NotImplementedError  # msgspec asks a hook to say so of a type it does not know
