"""A map service of the government network: shown, kept, and told about when it is dead, slow, hostile or wrong."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlroom.mapping.basemaps.capabilities import CapabilityFault, read_capabilities
from controlroom.mapping.basemaps.catalogue import Catalogue
from controlroom.mapping.basemaps.declared import Declared, Wmts
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.mapping.basemaps.tiles import TileFault
from controlroom.mapping.basemaps.wmts import Condition, WmtsService, planned
from tests.mapping.basemaps.made import CLUBROOM, GREEN, picture, tile_of
from tests.mapping.basemaps.served import DEGREES, HEAVEN, Served, capabilities
from tests.mapping.basemaps.test_readers import Painted, colour_of, middle
from tests.rooms import wait_until

HERE = tile_of(*CLUBROOM, 12)
TOKEN = "s3cret-t0ken"
BLUE = (20, 40, 200)


@pytest.fixture
def served() -> Iterator[Served]:
    found = Served()
    yield found
    found.die()


class Desk:
    """A cache, a clock and what was told of the service."""

    def __init__(self, folder: Path) -> None:
        self.cache = TileCache(folder / "tiles.sqlite", 50_000_000)
        self.at = datetime(2026, 11, 21, 4, tzinfo=UTC)
        self.told: list[Condition] = []
        self.timeout_s = 1.0
        self.services: list[WmtsService] = []

    def service(self, served: Served, **declared: str) -> WmtsService:
        wmts = Wmts(**{"address": served.address, "token": TOKEN} | {k: v for k, v in declared.items() if k != "datum"})
        found = WmtsService(
            "政务底图",
            Declared(wmts=wmts, datum=declared.get("datum", "")),
            self.cache,
            lambda: self.at,
            self.told.append,
            1.0,
        )
        self.services.append(found)
        return found

    def close(self) -> None:
        for service in self.services:
            service.close()
        self.cache.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.close()


def test_tiles_are_asked_for_once_and_the_token_goes_along(served: Served, desk: Desk) -> None:
    described, reader = desk.service(served).connect()[0]
    assert (described.name, described.form, described.min_zoom, described.max_zoom) == ("政务矢量底图", "WMTS", 0, 14)
    assert described.bounds == (115.4, 39.2, 117.6, 41.1)
    assert colour_of(reader.tile(*HERE)) == GREEN
    asked = served.requests[-1]
    z, x, y = HERE
    assert f"TILEMATRIX={z}&TILEROW={y}&TILECOL={x}" in asked
    assert f"tk={TOKEN}" in asked
    count = len(served.requests)
    assert reader.tile(*HERE) is not None
    assert len(served.requests) == count


def test_a_service_by_rest_is_asked_under_our_own_host(served: Served, desk: Desk) -> None:
    served.document = capabilities(
        served.address, template="http://elsewhere.example/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png"
    )
    _described, reader = desk.service(served, address=served.address + "/1.0.0/WMTSCapabilities.xml").connect()[0]
    assert reader.tile(*HERE) is not None
    z, x, y = HERE
    assert served.requests[-1].startswith(f"/default/set/{z}/{y}/{x}.png")


def test_a_dead_service_is_shown_from_what_was_kept_with_its_age(served: Served, desk: Desk) -> None:
    service = desk.service(served)
    _described, reader = service.connect()[0]
    reader.tile(*HERE)
    served.die()
    desk.at += timedelta(hours=200)
    assert reader.tile(*HERE) is not None
    assert service.condition.reachable is False
    assert service.condition.kept_at == datetime(2026, 11, 21, 4, tzinfo=UTC)
    assert desk.told[-1] == service.condition
    with pytest.raises(TileFault) as caught:
        reader.tile(12, HERE[1] + 9, HERE[2])
    assert "政务底图" in caught.value.sentence
    # After a restart of the program the service is known from the last time.
    _described, again = desk.service(served).connect()[0]
    assert again.tile(*HERE) is not None


def test_a_service_that_comes_back_is_asked_again(served: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    service = desk.service(served)
    _described, reader = service.connect()[0]
    served.die()
    with pytest.raises(TileFault):
        reader.tile(*HERE)
    assert service.rests
    served.start()
    monkeypatch.setattr(service._host, "_again_at", 0.0)
    assert reader.tile(*HERE) is not None
    assert service.condition == Condition()


def test_a_slow_service_is_given_up_in_time(served: Served, desk: Desk) -> None:
    service = desk.service(served)
    _described, reader = service.connect()[0]
    served.stall = threading.Event()
    with pytest.raises(TileFault, match="及时"):
        reader.tile(*HERE)
    assert service.rests


def test_closing_ends_what_is_being_asked(served: Served, desk: Desk) -> None:
    desk.timeout_s = 60.0
    service = desk.service(served)
    _described, reader = service.connect()[0]
    served.stall = threading.Event()
    count = len(served.requests)
    failed: list[str] = []

    def ask() -> None:
        try:
            reader.tile(*HERE)
        except TileFault as fault:
            failed.append(fault.sentence)

    asking = threading.Thread(target=ask)
    asking.start()
    wait_until(lambda: len(served.requests) > count)
    service.close()
    asking.join(8)
    assert not asking.is_alive()
    assert failed


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda s: setattr(s, "document", b"<html>login</html>"), "login"),
        (lambda s: setattr(s, "document", b"\x00\xffgarbage"), "XML"),
        (lambda s: setattr(s, "document", b"<Capabilities/>"), "图层"),
        (lambda s: setattr(s, "status", 403), "令牌"),
        (lambda s: setattr(s, "status", 500), "500"),
        (lambda s: setattr(s, "moved", "http://evil.example/wmts"), "另一台主机"),
        (lambda s: setattr(s, "moved", "/vec/wmts"), "循环"),
        (lambda s: setattr(s, "document", capabilities(s.address, system="urn:ogc:def:crs:EPSG::4549")), "4549"),
    ],
)
def test_what_is_wrong_with_a_service_is_told_without_its_token(
    spoil: Callable[[Served], None], word: str, served: Served, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(served)
    with caplog.at_level(0), pytest.raises(TileFault) as caught:
        desk.service(served).connect()
    assert word in caught.value.sentence
    assert TOKEN not in caught.value.sentence + caplog.text
    assert all("evil" not in one for one in served.requests)


def test_layers_and_matrix_sets_that_do_not_exist_are_told_with_those_that_do(served: Served, desk: Desk) -> None:
    for wrong, told in (({"layer": "img"}, "vec"), ({"matrix_set": "w"}, "set")):
        with pytest.raises(TileFault) as caught:
            desk.service(served, **wrong).connect()
        assert f"：{told}" in caught.value.sentence


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><Capabilities>&c;&x;</Capabilities>"""


def test_entities_are_refused_before_they_are_read(served: Served, desk: Desk) -> None:
    served.document = ENTITIES
    with pytest.raises(TileFault, match="实体"):
        desk.service(served).connect()
    with pytest.raises(CapabilityFault):
        read_capabilities(b"<a>" * 5000)


def test_answers_that_are_no_pictures_are_not_kept(served: Served, desk: Desk) -> None:
    service = desk.service(served)
    _described, reader = service.connect()[0]
    served.tile = lambda _asked: b"<ServiceException>token expired</ServiceException>"
    with pytest.raises(TileFault, match="图片"):
        reader.tile(*HERE)
    assert desk.cache.tile(service._key("vec/default/set/image/png"), "12", *HERE[1:]) is None


def test_a_service_over_degrees_is_drawn_anew(served: Served, desk: Desk) -> None:
    served.document = capabilities(served.address, system="urn:ogc:def:crs:EPSG::4490", levels=DEGREES)
    served.tile = lambda asked: Painted.degree_tile(
        int(asked["tilematrix"]), int(asked["tilecol"]), int(asked["tilerow"]), 1
    )
    described, reader = desk.service(served).connect()[0]
    assert described.datum == "CGCS2000"
    assert described.max_zoom == 14
    place = tile_of(*CLUBROOM, 11)
    assert Painted.told(reader.tile(*place)) == pytest.approx(middle(*place), abs=0.004)


def test_a_service_that_counts_by_the_inch_needs_no_drawing_anew(served: Served, desk: Desk) -> None:
    served.document = capabilities(served.address, levels=HEAVEN)
    described, reader = desk.service(served).connect()[0]
    assert (described.min_zoom, described.max_zoom) == (1, 14)
    assert reader.tile(*HERE) == picture(GREEN)


def test_a_token_is_nowhere_on_disk(served: Served, desk: Desk, tmp_path: Path) -> None:
    _described, reader = desk.service(served).connect()[0]
    reader.tile(*HERE)
    desk.close()
    assert all(TOKEN.encode() not in one.read_bytes() for one in tmp_path.iterdir())


def test_the_cache_stays_within_its_bound_and_drops_the_oldest(tmp_path: Path) -> None:
    cache = TileCache(tmp_path / "c.sqlite", 400_000)
    body = picture(GREEN, side=16) + bytes(9000)
    for number in range(200):
        cache.keep_tile("s", "1", number, 0, body, float(number))
    assert cache.used_bytes <= 420_000
    assert cache.tile("s", "1", 0, 0) is None
    assert cache.tile("s", "1", 199, 0) == (body, 199.0)
    cache.close()
    assert cache.tile("s", "1", 199, 0) is None


def test_a_broken_cache_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"no database at all" * 100)
    cache = TileCache(tmp_path / "c.sqlite", 400_000)
    cache.keep_tile("s", "1", 0, 0, b"x", 1.0)
    assert cache.tile("s", "1", 0, 0) == (b"x", 1.0)
    cache.close()
    unwritable = TileCache(tmp_path / "c.sqlite" / "below", 400_000)
    unwritable.keep_tile("s", "1", 0, 0, b"x", 1.0)
    assert unwritable.tile("s", "1", 0, 0) is None


WHOLE = capabilities("http://127.0.0.1/w")


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=20), st.integers(0, len(WHOLE))
)
def test_any_description_is_understood_or_refused(spots: list[tuple[int, int]], cut: int) -> None:
    raw = bytearray(WHOLE)
    for at, value in spots:
        raw[at] = value
    try:
        planned(Wmts(address="http://127.0.0.1/w"), read_capabilities(bytes(raw[: cut if cut % 3 == 0 else None])))
    except CapabilityFault as fault:
        assert str(fault)


def several(address: str) -> bytes:
    """Three layers, the second in a system that no map draws, the third asked by key and value in degrees."""
    plain = capabilities(address).decode()
    layer = plain[plain.index("<Layer>") : plain.index("</Layer>") + len("</Layer>")]
    grid = plain[plain.index("<TileMatrixSet><ows") : plain.index("</Contents>")]
    odd = layer.replace(">vec<", ">gk<").replace("政务矢量底图", "高斯").replace(">set<", ">odd<")
    image = layer.replace(">vec<", ">img<").replace("政务矢量底图", "影像").replace(">set<", ">deg<")
    degrees = capabilities(address, system="urn:ogc:def:crs:EPSG::4490", levels=DEGREES).decode()
    degrees = degrees[degrees.index("<TileMatrixSet><ows") : degrees.index("</Contents>")]
    odd_grid = grid.replace(">set<", ">odd<").replace("3857", "4548")
    inside = layer + odd + image + grid + odd_grid + degrees.replace(">set<", ">deg<")
    return (plain[: plain.index("<Layer>")] + inside + "</Contents></Capabilities>").encode()


def test_every_layer_that_can_be_drawn_is_offered_and_asked_for_by_its_name(served: Served, desk: Desk) -> None:
    served.document = several(served.address)
    found = desk.service(served).connect()
    told = [(one.id, one.name, one.datum) for one, _reader in found]
    assert told == [("政务底图", "政务矢量底图", "WGS-84"), ("政务底图#img", "影像", "CGCS2000")]
    served.tile = lambda asked: picture(GREEN if asked["layer"] == "vec" else BLUE)
    assert colour_of(found[0][1].tile(*HERE)) == GREEN
    assert colour_of(found[1][1].tile(*HERE)) == BLUE
    assert "LAYER=img" in served.requests[-1] and "TILEMATRIXSET=deg" in served.requests[-1]
    assert colour_of(found[0][1].tile(*HERE)) == GREEN, "what is kept of one is not shown for the other"
    only = desk.service(served, layer="img").connect()
    assert [(one.id, one.name) for one, _reader in only] == [("政务底图", "影像")]
    with pytest.raises(TileFault, match="4548"):
        desk.service(served, layer="gk").connect()


def test_the_layers_of_a_service_stand_in_the_catalogue_and_fare_with_it(
    served: Served, desk: Desk, tmp_path: Path
) -> None:
    served.document = several(served.address)
    told: list[str] = []
    wmts = Wmts(address=served.address)
    declared = [Declared(name="政务网", wmts=wmts)]
    catalogue = Catalogue(
        tmp_path / "maps", declared, desk.cache, lambda: desk.at, lambda name, _how: told.append(name)
    )
    catalogue.look()
    assert catalogue.connect() and not catalogue.connect()
    maps = {one.name: one for one in catalogue.maps()}
    assert set(maps) == {"政务网 · 政务矢量底图", "政务网 · 影像"}
    assert len({one.version for one in maps.values()}) == 2
    held = catalogue.reader(maps["政务网 · 影像"].version)
    assert held is not None and held[1].tile(*HERE) is not None
    served.die()
    with pytest.raises(TileFault):
        held[1].tile(HERE[0], HERE[1] + 9, HERE[2])
    assert told == ["wmts"]
    catalogue.close()
    assert catalogue.reader(maps["政务网 · 影像"].version) is None
