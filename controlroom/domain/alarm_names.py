"""What names an alarm for ever: its source and the key of its condition; and the keys that the hub itself gives."""

LIMITS = "limits"
"""The hub's own source: what readings say against their limits."""
FENCES = "fences"
"""The hub's own source: who crossed a fence."""


def alarm_id(source: str, key: str) -> str:
    """The id of the condition `key` of a source; no other pair has the same."""
    if "/" in source or "%" in source:
        source = source.replace("%", "%25").replace("/", "%2F")
    return f"{source}/{key}"


def limit_key(sensor: str) -> str:
    """The key of a sensor's limits, by its id: one alarm per sensor, whatever its severity."""
    return f"limit/{sensor}"


def crossing_key(fence: str, way: str, vehicle: str) -> str:
    """The key of a vehicle's crossing of a fence; `way` is enter or exit."""
    return f"{fence}/{way}/{vehicle}"


def fence_of(key: str) -> str:
    """The fence of a crossing's key."""
    return key.partition("/")[0]
