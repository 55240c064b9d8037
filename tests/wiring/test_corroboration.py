"""Corroboration cards over a real hub with real cameras: filled in time, part by part, each fault on its own."""

import asyncio
import socket
import time
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from controlroom.bridge.corroboration import DEADLINE_S, Dossier, Part
from controlroom.clock import SystemClock
from controlroom.domain.camera import Camera
from controlroom.domain.corroboration import Verdict, Way
from controlroom.domain.events import IncidentChanged, SensorsDeclared
from controlroom.domain.incident import Incident, IncidentStatus
from controlroom.domain.place import Point
from controlroom.domain.sensor import Limit, Sensor
from controlroom.domain.severity import Severity
from controlroom.domain.times import to_ms
from controlroom.errors import EnvironmentFault
from controlroom.hub.server import Hub
from controlroom.sources.simulator.cameras import CameraServer
from controlroom.sources.simulator.scene import SceneCamera
from controlroom.video.fleet import Engine, Fleet
from controlroom.wire.incidents import AddNote
from controlroom.wiring.alarms import AlarmDetailWiring, AlarmTableWiring
from controlroom.wiring.corroboration import CorroborationDesk
from controlroom.wiring.map import MapWiring
from controlroom.wiring.seat import ZONE
from controlroom.wiring.sensors import SensorsWiring
from tests.rooms import Source, hub_in, source_of
from tests.shell.room_feed import NOON
from tests.wiring.conftest import AtOnce, Desk, alarm, declared, raised
from tests.wiring.corroborated import LiveSeat, district, place


@pytest.fixture(scope="module")
def server() -> Iterator[CameraServer]:
    made = CameraServer((SceneCamera(id="c0", name="黄村路口"),), SystemClock())
    made.start()
    yield made
    made.close()


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    made = Fleet(SystemClock(), engine=Engine.THREADS)
    made.start()
    yield made
    made.close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_in(tmp_path) as made:
        yield made


@pytest.fixture
def source(hub: Hub) -> Iterator[Source]:
    with source_of(hub.ports.ingest) as made:
        yield made


async def card_of(seat: LiveSeat, desk: CorroborationDesk, sensor: str = "s0"):
    card = desk.show_sensor(sensor)
    assert card is not None
    await seat.until(
        lambda: card.dossier is not None and card.dossier.whole and card.dossier.subject.sensor.id == sensor
    )
    return card


@pytest.mark.parametrize("case", [Verdict.SINGLE, Verdict.CLUSTER, Verdict.TREND])
def test_a_card_is_filled_within_two_seconds_with_verdict_and_evidence(
    case: Verdict, hub: Hub, source: Source, fleet: Fleet, server: CameraServer, qtbot: QtBot
) -> None:
    district(source, case, [server.url("c0")])

    async def ask() -> None:
        seat = LiveSeat(hub.ports.requests, fleet)
        try:
            await seat.ready()
            desk = CorroborationDesk(seat.seat, lambda: None, seat.owner)
            began = time.perf_counter()
            card = await card_of(seat, desk)
            assert time.perf_counter() - began <= DEADLINE_S
            held = card.dossier
            assert held is not None and held.finding.verdict is case and not held.faults
            assert set(held.told) == set(Part)
            ways = {row.sensor.id: row.witness.way for row in held.others}
            assert (ways["s1"], ways["s2"]) == (Way.UPSTREAM, Way.DOWNSTREAM) and held.course_known
            near = [row.witness.distance_m for row in held.others if row.witness.way is Way.NEIGHBOUR]
            assert near == sorted(near) and len(near) == 3
            assert held.hour is not None and len(held.hour.time) > 60
            assert held.yesterday is not None and len(held.yesterday.time) > 60
            live, off = held.stills
            assert live.image is not None and not live.image.isNull() and live.at is not None
            assert abs((live.at - seat.clock.now()).total_seconds()) < 5.0
            assert off.image is None and "离线" in off.fault
            assert [row.sensor.kind for row in held.weather] == ["rain", "wind_speed", "air_temperature"]
            text = card.text()
            assert card.verdict.text()[2:] in text and "▸" in card.evidence.text() and len(text) < 4000
            await seat.until(lambda: fleet.streams == 0)
            card.close()
            assert desk.cards == []
        finally:
            await seat.close()

    asyncio.run(ask())


def test_what_is_missing_is_said_and_the_rest_is_there(
    hub: Hub, source: Source, fleet: Fleet, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controlroom.bridge.corroboration.ANSWER_S", 0.3)
    deaf = socket.create_server(("127.0.0.1", 0))
    district(source, "single", [f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/x"])
    source.hand_in({"type": "sensors", "sensors": [{"id": "lost", "name": "无位置", "kind": "noise"}]})

    async def ask() -> None:
        seat = LiveSeat(hub.ports.requests, fleet)
        try:
            await seat.ready()
            desk = CorroborationDesk(seat.seat, lambda: None, seat.owner)
            card = await card_of(seat, desk)
            held = card.dossier
            assert held is not None and held.finding.verdict is Verdict.SINGLE
            assert held.stills[0].image is None and "0.3" in held.stills[0].fault
            lost = await card_of(seat, desk, "lost")
            assert lost is card, "an unpinned card is used again"
            held = lost.dossier
            assert held is not None and held.finding.verdict is Verdict.UNKNOWN
            assert set(held.faults) == {Part.OTHERS, Part.WEATHER, Part.STILLS}
            assert all(held.faults.values()) and "位置" in lost.others_note.text() and "未知" in lost.others_note.text()
            hub.close()
            again = await card_of(seat, desk, "s5")
            assert again.dossier is not None and again.dossier.faults[Part.PAST]
            assert "没有摄像机" in again.stills.sentence.text() and "黄村" in again.stills.sentence.text()
            card.close()
        finally:
            await seat.close()

    with deaf:
        asyncio.run(ask())


def test_pinned_cards_stay_and_the_entry_goes_into_the_incident_that_was_chosen(
    hub: Hub, source: Source, fleet: Fleet, qtbot: QtBot, tmp_path: Path
) -> None:
    district(source, "cluster")

    async def ask() -> None:
        seat = LiveSeat(hub.ports.requests, fleet)
        try:
            await seat.ready()
            desk = CorroborationDesk(seat.seat, lambda: None, seat.owner)
            first = await card_of(seat, desk)
            first.pin.click()
            second = await card_of(seat, desk, "s3")
            assert second is not first and len(desk.cards) == 2
            assert await card_of(seat, desk, "s0") is not None and len(desk.cards) == 2
            first.save_picture(str(tmp_path / "card.png"))
            assert (tmp_path / "card.png").stat().st_size > 10_000
            first.save_picture(str(tmp_path / "nowhere" / "card.png"))
            assert "nowhere" not in first.notice.text and first.notice.text
            first._offer_incidents()
            assert "事件" in first.notice.text
            for card in list(desk.cards):
                card.close()
        finally:
            await seat.close()

    asyncio.run(ask())


class Dropped:
    """Runs nothing."""

    def spawn(self, coroutine: Coroutine[Any, Any, Any], _name: str) -> None:
        coroutine.close()


def incident(identity: str, **more: object) -> IncidentChanged:
    held = Incident(
        id=identity,
        title=identity,
        grade=Severity.ORANGE,
        opened_at=NOON,
        opened_by="王",
        **more,
    )
    return IncidentChanged(held)


def test_the_incidents_of_the_sensor_come_first_and_closed_ones_not_at_all(desk: Desk, qtbot: QtBot) -> None:
    desk.happen(
        SensorsDeclared((0,), (Sensor(id="s", name="s", kind="rain"),)),
        *raised(alarm("a", sensor="s")),
        incident("other"),
        incident("own", alarms=("a",)),
        incident("closed", status=IncidentStatus.CLOSED),
    )
    desk.seat.tasks = Dropped()
    cards = CorroborationDesk(desk.seat, lambda: None)
    desk.seat.requests.corroboration_wanted.emit("s")
    (card,) = cards.cards
    qtbot.addWidget(card)
    card.show_dossier(Dossier(subject=cards.corroborator.row("s"), asked_at=NOON), NOON)
    assert [each.id for each in card._incidents()] == ["own", "other"]
    desk.seat.tasks = AtOnce()
    card.attached.emit("own", "佐证")
    desk.seat.tasks = Dropped()
    assert desk.sent.bodies == [AddNote(incident="own", text="佐证")]
    desk.seat.requests.corroboration_wanted.emit("nobody")
    assert len(cards.cards) == 1


@pytest.mark.parametrize(
    ("urls", "told"),
    [
        ({"far": "rtsp://h/far", "near": ""}, "远处 · 400 米（更近：近处 · 200 米，无视频流）"),
        ({"far": "", "near": "rtsp://h/near"}, "近处 · 200 米"),
        ({"far": "", "near": ""}, "近处 · 200 米，无视频流"),
        ({}, ""),
    ],
)
def test_where_no_camera_sees_the_nearest_to_watch_is_named_and_a_nearer_one_without_a_stream(
    desk: Desk, qtbot: QtBot, urls: dict[str, str], told: str
) -> None:
    places = {"near": ("近处", 200.0), "far": ("远处", 400.0)}
    cameras = [
        Camera(id=name, name=places[name][0], url=url, point=Point(*place(places[name][1])), range_m=50.0)
        for name, url in urls.items()
    ]
    here = Sensor(id="s", name="积水点", kind="flood_depth", point=Point(*place(0.0)))
    desk.happen(SensorsDeclared((0,), (here,)), declared(*cameras))
    desk.seat.tasks = Dropped()
    cards = CorroborationDesk(desk.seat, lambda: None)
    desk.seat.requests.corroboration_wanted.emit("s")
    (card,) = cards.cards
    qtbot.addWidget(card)

    async def no_past(*_asked: object) -> None:
        raise EnvironmentFault("无历史")

    cards.corroborator._history = no_past
    dossiers: list[Dossier] = []
    asyncio.run(cards.corroborator.gather("s", dossiers.append))
    assert dossiers[-1].beside == told
    card.show_dossier(dossiers[-1], NOON)
    sentence = card.stills.sentence.text()
    assert "没有摄像机能看到此处" in sentence and told in sentence


def test_table_detail_browser_and_map_ask_for_the_sensor_by_a_key(desk: Desk, qtbot: QtBot) -> None:
    desk.happen(
        SensorsDeclared((0,), (Sensor(id="s", name="s", kind="rain"),)), *raised(alarm("a", sensor="s"), alarm("b"))
    )
    wanted: list[str] = []
    desk.seat.requests.corroboration_wanted.connect(wanted.append)
    table, detail = AlarmTableWiring(desk.seat), AlarmDetailWiring(desk.seat)
    browser, view = SensorsWiring(desk.seat), MapWiring(desk.seat)
    for widget in (table.table, detail.detail, browser.browser, view.view):
        qtbot.addWidget(widget)
    desk.seat.selection.select("alarm", "a")
    assert detail.corroborate.isVisibleTo(detail.detail) and view.view.toolbar.corroborate.isEnabled()
    browser.browser.select_sensor("s")
    for widget in (table.table, detail.detail, browser.browser.table, view.view):
        (action,) = [each for each in widget.actions() if each.shortcut().toString() == "C"]
        action.trigger()
    assert wanted == ["s"] * 4
    desk.seat.selection.select("alarm", "b")
    assert not detail.corroborate.isVisibleTo(detail.detail) and not view.view.toolbar.corroborate.isEnabled()


def test_an_alarm_of_the_hub_counts_although_the_book_has_a_milder_limit(desk: Desk, qtbot: QtBot) -> None:
    limit = Limit(severity=Severity.YELLOW, above=15.0)
    desk.happen(
        SensorsDeclared((0,), (Sensor(id="s", name="s", kind="x", limits=(limit,)),)),
        *raised(alarm("limits/limit/s", source="limits", severity=Severity.BLUE)),
    )
    row = CorroborationDesk(desk.seat, lambda: None).corroborator.row("s")
    assert row.witness.crossed is not None and row.witness.crossed.above
    assert row.witness.crossed.limit.severity is Severity.BLUE


def test_while_the_room_looks_at_the_past_a_card_is_of_then_and_says_so(
    hub: Hub, source: Source, fleet: Fleet, qtbot: QtBot
) -> None:
    district(source, "single")

    async def asks() -> None:
        seat = LiveSeat(hub.ports.requests, fleet)
        await seat.ready()
        desk = CorroborationDesk(seat.seat, lambda: None)
        card = await card_of(seat, desk)
        assert card.dossier is not None and card.dossier.subject.witness.value == pytest.approx(42.0)
        assert not card.dossier.then
        then = seat.clock.now() - timedelta(minutes=20)
        seat.seat.room_time.stand_at(then)
        await seat.until(lambda: card.dossier.then and card.dossier.whole)
        held = card.dossier
        assert held.subject.witness.value < 2.0 and held.asked_at == then
        assert held.subject.at is not None and held.subject.at <= then
        assert all(row.at is None or row.at <= then for row in (*held.others, *held.weather))
        assert held.hour is not None and int(held.hour.time.max()) <= to_ms(then)
        assert "当时" in card.progress.text()
        assert f"{then.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" in card.text()
        assert all(still.image is None and "回放" in still.fault for still in held.stills if still.camera.id != "off")
        seat.seat.room_time.go_live()
        await seat.until(lambda: not card.dossier.then and card.dossier.whole)
        assert card.dossier.subject.witness.value == pytest.approx(42.0)
        card.close()
        await seat.close()

    asyncio.run(asks())
