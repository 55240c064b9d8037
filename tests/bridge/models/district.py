"""Alarms of a district as they look in earnest, for tests and pictures."""

import random
from datetime import UTC, datetime, timedelta

from controlroom.domain.alarm import Alarm, AlarmState
from controlroom.domain.place import Point
from controlroom.domain.severity import Severity

NOW = datetime(2026, 7, 21, 6, 32, 10, tzinfo=UTC)
PLACES = (
    "黄村镇 兴丰大街与永华路口",
    "西红门镇 宏福路泵站",
    "大兴机场 航站楼南侧 P2 停车场",
    "亦庄镇 凉水河马驹桥闸",
    "庞各庄镇 京开高速辅路下凹桥",
    "榆垡镇 永定河左堤 12+300",
    "魏善庄镇 半壁店工业园",
    "瀛海镇 南海子郊野公园西门",
    "礼贤镇 大礼路电力管廊",
    "旧宫镇 清逸园 6 号楼",
    "青云店镇 石洲营村",
    "安定镇 生活垃圾处理厂",
    "采育镇 凤港减河节制闸",
    "长子营镇 留民营村",
    "北臧村镇 天宫院地铁站 B 口",
)
TITLES = (
    ("积水深度 62 cm 超过红色限值", "waterlogging", "hydrology", Severity.RED),
    ("可燃气体浓度 28 %LEL", "gas", "gas-company", Severity.RED),
    ("液位持续上涨，15 分钟 +24 cm", "water-level", "hydrology", Severity.ORANGE),
    ("PM2.5 小时均值 152 μg/m³", "pm25", "environment", Severity.ORANGE),
    ("泵站 2 号泵故障停机", "pump", "hydrology", Severity.ORANGE),
    ("暴雨橙色预警信号", "warning", "weather-bureau", Severity.ORANGE),
    ("噪声夜间超标 61 dB(A)", "noise", "environment", Severity.YELLOW),
    ("配电箱温度 78 ℃", "temperature", "power-grid", Severity.YELLOW),
    ("电动车进入电梯", "elevator", "city-management", Severity.YELLOW),
    ("路口拥堵指数 8.6", "traffic", "traffic-police", Severity.YELLOW),
    ("摄像机离线", "camera", "video-platform", Severity.BLUE),
    ("传感器电池电压低", "battery", "hydrology", Severity.BLUE),
    ("井盖倾角 17°", "manhole", "city-management", Severity.BLUE),
)
OFFICERS = ("王建国", "李敏", "张海燕")


def alarms(count: int, seed: int = 7) -> list[Alarm]:
    """`count` alarms of the last hours, the same for the same seed."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        title, kind, source, severity = chance.choice(TITLES)
        age = timedelta(seconds=int(chance.expovariate(1 / 2400)) + 3, milliseconds=chance.randrange(1000))
        occurred = NOW - age
        state = chance.choices(list(AlarmState)[:3], (5, 4, 1))[0]
        seen = state is AlarmState.ACKNOWLEDGED
        made.append(
            Alarm(
                id=f"{source}/{kind}-{number:05d}",
                source=source,
                key=f"{kind}-{number:05d}",
                severity=severity,
                title=title,
                state=state,
                occurred_at=occurred,
                received_at=occurred + timedelta(milliseconds=180),
                changed_at=occurred + timedelta(seconds=30 if seen else 0),
                kind=kind,
                place=chance.choice(PLACES),
                point=Point(116.2 + chance.random() * 0.4, 39.5 + chance.random() * 0.3),
                acknowledged_by=chance.choice(OFFICERS) if seen else "",
                acknowledged_at=occurred + timedelta(seconds=30) if seen else None,
                returned_at=NOW - age / 2 if state is AlarmState.RETURNED else None,
                count=chance.choice((1, 1, 1, 2, 3, 14)),
            )
        )
    return made
