import re

import folium
import pytest

from controlroom.mapping.district import District
from controlroom.mapping.layers import MapCentre
from controlroom.mapping.page import RemoteLink, compose, seal
from resources import path

CENTRE = MapCentre(116.4, 39.65, 11)


def test_the_document_names_no_other_machine() -> None:
    html = compose(CENTRE, {}).html.decode()
    assert not re.search(r"https?:", html)
    assert all(link.startswith("crmap://app/") for link in re.findall(r"(?:src|href)=\"([^\"]+)", html))
    assert "leaflet.js" in html


def test_every_inline_script_and_style_carries_the_nonce_of_the_policy() -> None:
    page = compose(CENTRE, {})
    html = page.html.decode()
    (nonce,) = set(re.findall(r"nonce=\"([^\"]+)\"", html))
    assert f"'nonce-{nonce}'" in page.policy
    assert not re.search(r"<(script|style)>", html)
    assert html.index("Content-Security-Policy") < html.index("<script")


def test_two_documents_have_two_nonces() -> None:
    assert compose(CENTRE, {}).policy != compose(CENTRE, {}).policy


def test_options_cannot_end_the_script() -> None:
    html = compose(CENTRE, {"x": "</script><script>alert(1)</script>"}).html.decode()
    assert "alert(1)</script>" not in html


def test_a_plain_folium_map_is_refused() -> None:
    with pytest.raises(RemoteLink):
        seal(folium.Map().get_root().render())


@pytest.mark.parametrize(
    "part",
    [
        '<img src="//host/x.png">',
        "<img src=x.png>",
        '<a href="javascript:1">',
        "<style>@import url(other.css)</style>",
        "<script>fetch('wss://x')</script>",
    ],
)
def test_a_document_that_reaches_out_is_refused(part: str) -> None:
    with pytest.raises(RemoteLink):
        seal(f"<html><head></head><body>{part}</body></html>")


def test_an_element_of_folium_that_stays_at_home_may_join() -> None:
    square = folium.Rectangle([(39.6, 116.3), (39.7, 116.4)])
    assert b"L.rectangle" in compose(CENTRE, {}, (square,)).html


def test_the_district_has_its_towns_and_the_airport() -> None:
    district = District(path("district"))
    assert len(district.towns) == 23
    assert any("机场" in town.name for town in district.towns)
    assert len(district.roads) == 1314
    assert district.outline
    assert len(district.cells) >= 22
    assert 116 < district.centre.lon < 117


def test_a_district_offers_its_own_files_only() -> None:
    with pytest.raises(KeyError):
        District(path("district")).document("../map/package")


def test_the_lock_of_the_page_names_no_download_address() -> None:
    assert "resolved" not in path("map", "package-lock.json").read_text()
