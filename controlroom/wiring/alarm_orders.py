"""What an officer orders about alarms, sent to the hub."""

from datetime import timedelta

from controlroom.domain.alarm import AsideKind
from controlroom.wiring.seat import Seat
from widgets.alarm_orders import AlarmOrders


def obey(orders: AlarmOrders, seat: Seat) -> None:
    """Carry out the orders of one widget as commands of this seat; what is refused is told to the officer."""

    def set_aside(alarms: list[str], kind: AsideKind, minutes: int, reason: str) -> None:
        until = seat.clock.now() + timedelta(minutes=minutes) if minutes else None
        seat.tasks.spawn(seat.officer.set_aside(alarms, kind, reason, until), "set aside")

    orders.set_aside.connect(set_aside)
    orders.unacknowledged.connect(
        lambda alarms: seat.tasks.spawn(seat.officer.unacknowledge(alarms), "take back an acknowledgement")
    )
    orders.reset.connect(lambda alarms: seat.tasks.spawn(seat.officer.reset(alarms), "reset alarms"))
    orders.taken.connect(lambda alarms: seat.tasks.spawn(seat.officer.take(alarms), "take alarms"))
    orders.released.connect(lambda alarms: seat.tasks.spawn(seat.officer.release(alarms), "release alarms"))
    orders.brought_back.connect(
        lambda shelved, suppressed: seat.tasks.spawn(seat.officer.bring_back(shelved, suppressed), "bring back")
    )
    orders.silence_wanted.connect(seat.requests.silence_wanted)
    orders.tagged.connect(
        lambda alarms, added, removed: seat.tasks.spawn(seat.officer.tag(alarms, added, removed), "tag alarms")
    )
    orders.used_tags = lambda: sorted({tag for alarm in seat.pump.room.alarms.values() for tag in alarm.tags})
