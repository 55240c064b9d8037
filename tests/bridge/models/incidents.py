"""An incident of a rainy evening with its timeline and tasks, for tests."""

from datetime import timedelta

from controlroom.bridge.models.incident_model import IncidentRecord
from controlroom.domain.incident import Entry, EntryKind, Incident, IncidentStatus, Task, TaskStatus
from controlroom.domain.severity import Severity
from tests.bridge.models.district import NOW

FLOOD = Incident(
    id="20260721-003",
    title="庞各庄镇京开高速辅路下凹桥积水",
    grade=Severity.RED,
    opened_at=NOW - timedelta(minutes=41),
    opened_by="王建国",
    alarms=("hydrology/wl-1",),
    place="庞各庄镇 京开高速辅路下凹桥",
)
GAS = Incident(
    id="20260721-002",
    title="青云店镇石洲营村燃气泄漏",
    grade=Severity.ORANGE,
    opened_at=NOW - timedelta(hours=2),
    opened_by="张海燕",
    place="青云店镇 石洲营村",
)
LIFT = Incident(
    id="20260721-001",
    title="旧宫镇清逸园电动车入电梯",
    grade=Severity.YELLOW,
    opened_at=NOW - timedelta(hours=5),
    opened_by="张海燕",
    status=IncidentStatus.CLOSED,
    closed_at=NOW - timedelta(hours=4, minutes=20),
    closed_by="王建国",
    closed_reason="物业到场劝离，电梯恢复运行",
)
ENTRIES = (
    Entry(id="e1", incident=FLOOD.id, at=FLOOD.opened_at, by="王建国", kind=EntryKind.OPENED, text="积水 62 cm"),
    Entry(
        id="e2",
        incident=FLOOD.id,
        at=NOW - timedelta(minutes=36),
        by="李敏",
        seat="值班台 1",
        kind=EntryKind.TASK,
        text="水务局: 调派移动泵车 [done] 已抽排",
    ),
)
PUMPS = Task(
    id="t1",
    incident=FLOOD.id,
    department="水务局",
    text="调派移动泵车 2 台",
    assigned_at=NOW - timedelta(minutes=36),
    assigned_by="李敏",
    status=TaskStatus.ACCEPTED,
    due_at=NOW - timedelta(minutes=6, seconds=12),
)
ROADBLOCK = Task(
    id="t2",
    incident=FLOOD.id,
    department="交通支队",
    text="京开辅路双向断路",
    assigned_at=NOW - timedelta(minutes=35),
    assigned_by="李敏",
    status=TaskStatus.DONE,
    changed_at=NOW - timedelta(minutes=22),
)
DROPPED = Task(
    id="t3",
    incident=FLOOD.id,
    department="城市管理委",
    text="清掏雨水箅子",
    assigned_at=NOW - timedelta(minutes=30),
    assigned_by="李敏",
    status=TaskStatus.CANCELLED,
)
RECORDS = (
    IncidentRecord(FLOOD, ENTRIES, (PUMPS, ROADBLOCK, DROPPED)),
    IncidentRecord(GAS),
    IncidentRecord(LIFT),
)
