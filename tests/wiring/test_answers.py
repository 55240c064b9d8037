"""Questions to the map from the dialog to the layer: every method, cancelled work, clear sentences, exported origin."""

import asyncio
import csv
import dataclasses
import io
import json
import math
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from pypinyin import lazy_pinyin

from controlroom.bridge.answer_run import AnswerRun
from controlroom.bridge.answer_wording import told
from controlroom.domain.camera import Camera
from controlroom.domain.events import FenceChanged, PublishedAnswerChanged, SensorsDeclared
from controlroom.domain.fence import Fence
from controlroom.domain.place import Point
from controlroom.domain.published_answer import PublishedAnswer
from controlroom.domain.readings import Quality
from controlroom.domain.sensor import Sensor
from controlroom.domain.times import to_ms
from controlroom.errors import EnvironmentFault
from controlroom.i18n import set_language
from controlroom.mapping.analysis.answer import Asked, Things, Zone
from controlroom.mapping.analysis.fault import AnalysisFault, Reason
from controlroom.mapping.analysis.offers import OFFERS, Offer, answer
from controlroom.mapping.analysis.published import body_of
from controlroom.mapping.sight import CameraColumns
from controlroom.shell.actions import Actions
from controlroom.shell.palette import Index, Provider
from controlroom.wire.graphics import PublishAnswer, WithdrawAnswer
from controlroom.wiring.answers import MapAnswers, _features, _roads
from resources import path
from tests.rooms import NOON
from tests.wiring.conftest import Desk
from widgets.palette import Item


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


CELLS = Zone("cells", _features(path("district", "cells.geojson").read_bytes()), True)
OUTLINE = Zone("outline", _features(path("district", "outline.geojson").read_bytes()))
SQUARE = Zone(
    "mine",
    [("mine", {"type": "Polygon", "coordinates": [[[116.3, 39.7], [116.4, 39.7], [116.4, 39.8], [116.3, 39.7]]]})],
)


CAMERAS = CameraColumns.of(
    [Camera(id=f"c{n}", name="", point=Point(116.3 + n / 400, 39.6), view_deg=90.0) for n in range(60)]
)


def things(count: int = 400, **more) -> Things:
    rng = np.random.default_rng(4)
    lon, lat = rng.uniform(116.25, 116.6, count), rng.uniform(39.5, 39.8, count)
    lon[0] = math.nan
    value = 50 + 300 * (lat - 39.6) + rng.normal(0, 2, count)
    ids = [f"s-{n}" for n in range(count)]
    told = {"unit": "dB", "data_at": NOON, "limits": (40.0, 60.0)} | more
    return Things("噪声", ids, ["<b>=1+1</b>"] * count, lon, lat, value, **told)


def offer(name: str) -> Offer:
    return next(o for o in OFFERS if o.id == name)


def asked(name: str, **more) -> Asked:
    numbers = {n.id: n.usual for n in offer(name).numbers} | {"nodes": 40}
    given = {
        "method": name,
        "numbers": numbers | more.pop("numbers", {}),
        "choices": {"breaks": "natural", "operation": "intersection", "show": "value"},
        "things": things(),
        "zone": CELLS if {"zone!", "cameras"} & offer(name).needs else None,
        "other": SQUARE if "other" in offer(name).needs else None,
        "roads": _roads() if name == "nearest" else (),
        "corners": ((116.34, 39.73), (116.35, 39.73), (116.35, 39.74))
        if {"place", "corners"} & offer(name).needs
        else (),
        "cameras": CAMERAS if "cameras" in offer(name).needs else None,
        "author": "王",
        "made_at": NOON,
    }
    return Asked(**(given | more))


@pytest.mark.parametrize("name", [o.id for o in OFFERS])
def test_every_method_leaves_a_layer_that_says_how_it_was_made(name: str) -> None:
    numbers = {"reach_m": 3000.0} if name == "clusters" else {}
    found = answer(offer(name), asked(name, numbers=numbers), "answer-7", lambda _share: None)
    assert found.features or found.points
    assert found.said
    document = json.loads(found.geojson())
    assert document["made"]["author"] == "王"
    assert document["made"]["made_at"] == NOON.isoformat()
    assert all(f["properties"]["class"] < len(found.spec.classes) for f in document["features"])
    lines = list(csv.reader(io.StringIO(found.csv())))
    assert len([line for line in lines if not line[0].startswith("#")]) == 1 + len(found.features) + len(found.points)
    assert not any(cell[:1] in "=+@" for line in lines for cell in line if cell)
    assert found.data_at == NOON


def test_what_has_no_place_and_what_is_schematic_is_said() -> None:
    said = answer(offer("choropleth"), asked("choropleth"), "answer-1", lambda _share: None).said
    assert any("1" in line and "place" in line for line in said)
    assert any("schematic" in line for line in said)


def test_breaks_of_the_standard_are_its_limits() -> None:
    choices = {"breaks": "standard"}
    found = answer(offer("thematic"), asked("thematic", choices=choices), "answer-1", lambda _share: None)
    assert [c.label.split(" – ")[0] for c in found.spec.classes[1:]] == ["40", "60"]


def test_kriging_tells_its_error_as_a_layer_too() -> None:
    shown = answer(offer("kriging"), asked("kriging", choices={"show": "error"}), "answer-1", lambda _share: None)
    assert max(f["properties"]["class"] for f in shown.features) >= 1
    assert any("standard error" in line for line in shown.said)


def test_nearest_goes_by_road_in_the_north_and_says_where_there_is_none() -> None:
    north = answer(offer("nearest"), asked("nearest", corners=((116.40, 39.80),)), "answer-1", lambda _share: None)
    assert any("by road" in line for line in north.said)
    south = answer(offer("nearest"), asked("nearest", corners=((116.42, 39.50),)), "answer-1", lambda _share: None)
    assert all("by line" in line for line in south.said if " km " in line)


def refusal(name: str, more: dict) -> str:
    run = AnswerRun()

    async def work() -> str:
        with pytest.raises(EnvironmentFault) as fault:
            await run.ask(offer(name), lambda: asked(name, **more), lambda _share: None)
        return fault.value.sentence

    try:
        return asyncio.run(work())
    finally:
        run.close()


def polygon(*points) -> dict:
    return {"type": "Polygon", "coordinates": [[list(p) for p in points]]}


FAR = Zone("far", [("far", polygon((116, 39), (116.01, 39), (116, 39.01)))])
FLAT = Zone("x", [("x", polygon((116, 39), (116, 39)))])


@pytest.mark.parametrize(
    ("name", "more", "word"),
    [
        ("density", {"things": things(1)}, "nothing with a place"),
        ("density", {"numbers": {"radius_m": math.nan}}, "makes no sense"),
        ("overlay", {"other": FAR}, "do not meet"),
        ("measure", {"corners": ((116.3, 39.7), (math.nan, 39.7))}, "outside"),
        ("measure", {"corners": ((116.3, 39.7), (999.0, 39.7))}, "outside"),
        ("buffer", {"zone": FLAT}, "encloses no area"),
        ("idw", {"numbers": {"power": -1.0}}, "makes no sense"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(name: str, more: dict, word: str) -> None:
    assert word in refusal(name, more)


@pytest.fixture
def run() -> Iterator[AnswerRun]:
    made = AnswerRun()
    yield made
    made.close()


def test_a_cancelled_question_ends_and_the_next_is_answered(run: AnswerRun) -> None:
    began = asyncio.Event()

    async def work() -> str:
        slow = asked("kriging", numbers={"nodes": 600, "neighbours": 64})
        task = asyncio.create_task(run.ask(offer("kriging"), lambda: slow, lambda _share: began.set()))
        await asyncio.wait_for(began.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        shares: list[float] = []
        found = await run.ask(offer("density"), lambda: asked("density"), shares.append)
        return found.spec.id

    assert asyncio.run(work()) == "answer-2"


def test_an_answer_outlives_a_name_that_is_a_script() -> None:
    hostile = dataclasses.replace(things(), names=["</script><img src=x onerror=alert(1)>"] * 400)
    found = answer(offer("thematic"), asked("thematic", things=hostile), "answer-1", lambda _share: None)
    assert found.points[0].label.startswith("</script>")
    assert json.loads(found.geojson())["features"]


def test_the_time_of_the_data_is_kept_and_unknown_is_unknown() -> None:
    found = answer(offer("density"), asked("density", things=things(data_at=None)), "answer-1", lambda _share: None)
    assert found.data_at is None
    assert json.loads(found.geojson())["made"]["data_at"] is None


def test_fences_are_drawn_on_every_map_asked_about_and_removed_from_them(desk: Desk) -> None:
    answers = MapAnswers(desk.seat, Actions(desk.owner), lambda: None, desk.owner)
    told: list[tuple[str, str]] = []
    desk.seat.requests.layer_changed.connect(lambda name: told.append(("there", name)))
    desk.seat.requests.layer_removed.connect(lambda name: told.append(("gone", name)))
    ring = (Point(116.3, 39.7), Point(116.4, 39.7), Point(116.4, 39.8))
    fence = Fence(id="f-1", name="危化品库", ring=ring, by="王", at=NOON)
    desk.happen(FenceChanged(fence))
    assert told == [("there", "fences")]
    spec, points = desk.seat.layers["fences"]
    assert json.loads(spec.geojson)["features"][0]["properties"]["name"] == "危化品库"
    assert points[0].label == "危化品库"
    assert "fence/f-1" in [zone.key for zone in answers.zones()]
    desk.happen(FenceChanged(msgspec.structs.replace(fence, removed=True)))
    assert told[-1] == ("gone", "fences")
    assert "fences" not in desk.seat.layers
    answers.close()


def test_an_answer_is_shown_to_all_with_its_origin_and_comes_back_as_a_layer(desk: Desk) -> None:
    made = MapAnswers(desk.seat, Actions(desk.owner), lambda: None, desk.owner)
    found = answer(offer("choropleth"), asked("choropleth"), "answer-3", lambda _share: None)
    made._answers["answer-3"] = found
    with pytest.raises(StopIteration):
        made.publish("answer-3").send(None)
    (body,) = desk.sent.bodies
    assert isinstance(body, PublishAnswer)
    assert body.answer.how == found.how
    shown = PublishedAnswer(id="published-9", body=body.answer, by="李", at=NOON, seat="two")
    desk.happen(PublishedAnswerChanged(shown))
    spec, _points = desk.seat.layers["published-9"]
    assert "李 12:00" in spec.title
    (held,) = made.answers()
    assert any("李" in line and "two" in line for line in held.said)
    assert held.author == "王"
    assert len(json.loads(spec.geojson)["features"]) >= len(found.features)
    made.remove("published-9")
    assert desk.sent.bodies[-1] == WithdrawAnswer(answer="published-9")
    desk.happen(PublishedAnswerChanged(msgspec.structs.replace(shown, withdrawn_at=NOON)))
    assert "published-9" not in desk.seat.layers
    made.close()


def test_an_answer_that_is_too_large_is_coarsened_and_says_so() -> None:
    angle = np.linspace(0, 2 * np.pi, 30_000, endpoint=False)
    ring = np.column_stack([116.4 + 0.05 * np.cos(angle), 39.6 + 0.04 * np.sin(angle)])
    shape = {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}
    found = answer(offer("choropleth"), asked("choropleth"), "answer-3", lambda _share: None)
    feature = {"type": "Feature", "properties": {"name": "圆", "class": 0}, "geometry": shape}
    body = body_of(dataclasses.replace(found, features=(feature,), points=()))
    assert body.coarsened_m == 1.0
    assert 100 < sum(len(part) for part in body.features[0].parts) < 20_000


@pytest.mark.parametrize("word", ["缓冲区", "表面", "插值", "叠加", "密度", "点聚合", "专题图"])
def test_every_question_is_found_in_the_palette_by_its_word_and_by_initials(desk: Desk, word: str) -> None:
    set_language("zh_CN")
    actions = Actions(desk.owner)
    made = MapAnswers(desk.seat, actions, lambda: None, desk.owner)
    index = Index()
    index.add(
        Provider(
            "action", "", lambda: [Item("command", a.objectName(), a.text()) for a in actions.all()], lambda _item: None
        )
    )
    while index.work(1.0):
        pass
    initials = "".join(pinyin[0] for pinyin in lazy_pinyin(word))
    for text in (word, initials):
        assert any(word in item.title and item.id.startswith("map_ask_") for item in index.search(text, 10))
    made.close()


def told_of(lon: np.ndarray, lat: np.ndarray, value: np.ndarray) -> Things:
    ids = [f"s-{n}" for n in range(len(lon))]
    return Things("噪声", ids, ids, lon, lat, value, "dB", NOON, (40.0, 60.0))


LINE = np.linspace(116.3, 116.4, 30)
ODD = {
    "empty": told_of(np.empty(0), np.empty(0), np.empty(0)),
    "without a place": told_of(np.full(5, math.nan), np.full(5, math.nan), np.arange(5.0)),
    "outside the world": told_of(np.full(5, 999.0), np.full(5, math.inf), np.arange(5.0)),
    "one point": told_of(np.array([116.34]), np.array([39.73]), np.array([50.0])),
    "two points": told_of(np.array([116.34, 116.35]), np.array([39.73, 39.73]), np.array([50.0, 51.0])),
    "one place": told_of(np.full(40, 116.34), np.full(40, 39.73), np.arange(40.0)),
    "all alike": told_of(LINE, 39.7 + np.sin(np.arange(30)) / 50, np.full(30, 50.0)),
    "on a line": told_of(LINE, np.full(30, 39.73), np.arange(30.0)),
    "no values": told_of(LINE, 39.7 + np.sin(np.arange(30)) / 50, np.full(30, math.nan)),
    "some values": told_of(LINE, 39.7 + np.sin(np.arange(30)) / 50, np.where(np.arange(30) % 3, np.nan, np.arange(30))),
    "infinite values": told_of(LINE, 39.7 + np.sin(np.arange(30)) / 50, np.full(30, math.inf)),
}


@pytest.mark.parametrize("name", [o.id for o in OFFERS if "things" in o.needs])
@pytest.mark.parametrize("odd", list(ODD))
@pytest.mark.filterwarnings("error")
def test_odd_input_is_answered_or_one_sentence_says_why_not(name: str, odd: str) -> None:
    try:
        found = answer(offer(name), asked(name, things=ODD[odd]), "answer-1", lambda _share: None)
    except AnalysisFault as fault:
        sentence = told(fault).sentence
        assert sentence.endswith(".")
        assert sentence.count(".") <= 3
        return
    assert found.features or found.points
    json.loads(found.geojson())
    assert odd not in ("empty", "without a place", "outside the world")


@pytest.mark.parametrize("name", [o.id for o in OFFERS if o.id not in ("nearest", "measure")])
def test_every_long_method_tells_how_far_it_is_and_ends_when_it_is_cancelled_there(name: str) -> None:
    shares: list[float] = []
    numbers = {"reach_m": 3000.0} if name == "clusters" else {}
    answer(offer(name), asked(name, numbers=numbers), "answer-1", shares.append)
    assert shares
    assert shares == sorted(shares), "progress never goes back"
    assert 0.0 <= shares[0] <= shares[-1] <= 1.0
    for turn in range(len(shares)):
        left = iter(range(turn))

        def step(_share: float, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise AnalysisFault(Reason.CANCELLED)

        with pytest.raises(AnalysisFault) as ended:
            answer(offer(name), asked(name, numbers=numbers), "answer-1", step)
        assert ended.value.reason is Reason.CANCELLED


def test_what_lies_outside_of_the_answers_layer_is_counted_in_it() -> None:
    found = answer(offer("density"), asked("density"), "answer-1", lambda _share: None)
    made = dict(found.how)
    assert made["Made from"] == "噪声 (400)"
    assert made["Radius of the kernel"] == "800 m"
    assert found.spec.data_at == NOON
    assert any("1 thing without a place was left out" in line for line in found.said)
    assert all("per km²" in kind.label for kind in found.spec.classes)


def test_values_that_are_stale_or_wrong_are_left_out_and_counted(desk: Desk) -> None:
    made = MapAnswers(desk.seat, Actions(desk.owner), lambda: None, desk.owner)
    places = [Point(116.3 + n / 100, 39.7 + n % 2 / 100) for n in range(6)]
    sensors = tuple(Sensor(id=f"s{n}", name="", kind="noise", unit="dB", point=p) for n, p in enumerate(places))
    desk.happen(SensorsDeclared(tuple(range(6)), sensors))
    now_ms = to_ms(desk.clock.now())
    times = np.array([now_ms - 1000] * 4 + [now_ms - 86_400_000], np.int64)
    quality = np.array([Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.OUT_OF_RANGE, Quality.GOOD], np.uint8)
    value = np.array([50, 55, 60, 999, 70], np.float32)
    desk.pump.latest.grow(6)
    desk.pump.latest.apply(np.arange(5, dtype=np.uint32), value, times, quality)
    found = made._things("sensors/noise")()
    assert found.doubtful == 2
    assert [None if math.isnan(v) else v for v in found.value.tolist()] == [50.0, 55.0, 60.0, None, None, None]
    said = answer(offer("thematic"), asked("thematic", things=found), "answer-1", lambda _share: None).said
    assert "2 values that are stale or marked as wrong were left out" in said
    made.close()


@pytest.mark.parametrize("method", ["choropleth", "blind"])
def test_a_question_about_areas_that_is_asked_of_everywhere_is_answered_in_a_sentence(method: str) -> None:
    wanted = dataclasses.replace(asked(method), zone=None)
    with pytest.raises(AnalysisFault) as raised:
        answer(offer(method), wanted, "answer-1", lambda _share: None)
    assert told(raised.value).sentence.startswith("This question is about areas, and everywhere is none.")
