"""`bench map`, the gazetteer: 180,000 generated names searched as somebody types, against a plain LIKE over them."""

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from controlroom.mapping.gazetteer import Gazetteer
from controlroom.mapping.gazetteer_book import build
from controlroom.mapping.gazetteer_names import decode_place_kinds
from controlroom.mapping.surroundings import Surroundings
from resources import path
from tests.bench.report import Measure

NAMES = 180_000
MIDDLE = (116.33, 39.73)
_WEST, _SOUTH, _WIDE, _HIGH = 116.2, 39.45, 0.5, 0.35
_SIGNS = "兴华金星黄村清源林校永康庄枣园狼垡芦城团河瀛海旧宫西红庞各魏善安定礼贤榆采育长子营青云店北臧重庆朝阳乐行"
_ENDS = ("路", "街", "大街", "小区", "村", "学校", "医院", "公园", "桥", "胡同", "幼儿园", "派出所", "社区卫生服务站")
_KINDS = ("道路", "社区", "门牌", "学校", "公园", "楼宇")
_TYPED = (
    *("兴华大街", "兴", "xinghua", "xhdj", "x", "路"),
    *("黄村 医院", "chongqing", "兴花大街", "xinhgua", "金星路15号", "airport"),
)
_LIKE = "SELECT id FROM names WHERE title LIKE ? OR aliases LIKE ? OR english LIKE ? LIMIT 40"


def measure_gazetteer(quick: bool) -> list[Measure]:
    """Making, opening, searching, and what is here."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _write_names(home / "names")
        kinds = decode_place_kinds(path("data", "gazetteer.toml").read_bytes())
        start = time.perf_counter()
        build(home / "book.sqlite", home / "names", path("district"), kinds, datetime.now(UTC))
        made_s = time.perf_counter() - start
        start = time.perf_counter()
        gazetteer = Gazetteer(home / "book.sqlite", kinds)
        surroundings = Surroundings(gazetteer, path("district"))
        opened_s = time.perf_counter() - start
        rounds = 3 if quick else 20
        typed = [text[:end] for text in _TYPED for end in range(1, len(text) + 1)]
        found = _p95(lambda text: gazetteer.search(text, MIDDLE), typed, rounds)
        here = _p95(lambda spot: surroundings.here(*spot), _spots(), 1)
        with sqlite3.connect(home / "book.sqlite") as plain:
            scan = _p95(lambda t: plain.execute(_LIKE, (f"%{t}%",) * 3).fetchall(), typed, 1)
        plain.close()
        gazetteer.close()
    note = "p95 of every beginning of 12 texts; baseline: LIKE '%…%' over title, alias and English: no pinyin, no order"
    return [
        Measure("search_ms_180k_names", found, "ms", scan, note),
        Measure("here_ms_180k_names", here, "ms", note="p95: town, road, crossroads and nearest names of a point"),
        Measure("gazetteer_made_s_180k", made_s, "s", note="once, beside the GUI, when the files change"),
        Measure("gazetteer_opened_s_180k", opened_s, "s", note="at every start"),
    ]


def _write_names(folder: Path) -> None:
    rng = random.Random(180)
    folder.mkdir()
    rows = ["名称,类别,经度,纬度"]
    for _number in range(NAMES):
        title = "".join(rng.choice(_SIGNS) for _sign in range(rng.choice((2, 2, 3, 4)))) + rng.choice(_ENDS)
        title += f"{rng.randint(1, 300)}号" if rng.random() < 0.5 else ""
        lon, lat = _WEST + rng.random() * _WIDE, _SOUTH + rng.random() * _HIGH
        rows.append(f"{title},{rng.choice(_KINDS)},{lon:.6f},{lat:.6f}")
    (folder / "names.csv").write_text("\n".join(rows), encoding="utf-8")


def _spots() -> list[tuple[float, float]]:
    rng = random.Random(7)
    return [(_WEST + rng.random() * _WIDE, _SOUTH + rng.random() * _HIGH) for _number in range(200)]


def _p95(ask: Callable[[Any], object], asked: list[Any], rounds: int) -> float:
    """The 95th percentile in ms over all that is asked, each so many times."""
    times = []
    for each in asked * rounds:
        start = time.perf_counter()
        ask(each)
        times.append(time.perf_counter() - start)
    return float(np.percentile(times, 95)) * 1000
