"""Sources and kinds are called by names, in the officer's language."""

import re

from controlroom.bridge.names import Names, decode_names
from controlroom.domain.kinds import decode_kinds
from resources import path


def names() -> Names:
    kinds = decode_kinds(path("data", "sensor_kinds.toml").read_bytes())
    return decode_names(path("data", "names.toml").read_bytes(), kinds)


def test_an_id_that_nobody_named_is_shown_as_it_is() -> None:
    assert Names().origin("gas-company", "leak") == "gas-company · leak"
    assert names().source("gas-company") == "gas-company"
    assert names().origin("gas-company", "") == "gas-company"


def test_sources_and_kinds_of_the_demo_are_named() -> None:
    held = names()
    assert held.origin("limits", "rain") == "限值监视 · 小时雨量"
    told = [*path("scenarios").iterdir(), *path("data", "simulation").iterdir()]
    text = "\n".join(file.read_text("utf-8") for file in told if file.name.endswith(".toml"))
    sources = set(re.findall(r'^source = "(sim-[a-z-]+)"', text, re.MULTILINE))
    kinds = set(re.findall(r'^kind = "(\w+)"', text, re.MULTILINE))
    assert sources and kinds
    assert {source for source in sources if held.source(source) == source} == set()
    assert {kind for kind in kinds if held.kind(kind) == kind} == set()


def test_every_basis_of_a_limit_is_told_in_both_languages() -> None:
    for kind in decode_kinds(path("data", "sensor_kinds.toml").read_bytes()).values():
        assert bool(kind.source) == bool(kind.source_en)
        assert kind.source_en.isascii() or re.search("[Ⅲ℃³]", kind.source_en)
