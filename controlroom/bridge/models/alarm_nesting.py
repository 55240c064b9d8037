"""Which alarms of a list stand below the one they lie under, and the order that makes. No Qt in here."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_DEEPEST = 8
"""A cause of a cause of a cause; deeper chains, or rings, are cut."""

Order = NDArray[np.int64]


def nested_below(parents: Mapping[str, str], slots: Mapping[str, int], rank: Order) -> dict[int, int]:
    """Slot to the slot of the topmost listed alarm above it. `rank` is the place of each slot, -1 where not listed."""
    found: dict[int, int] = {}
    for key in parents:
        slot = slots.get(key, -1)
        if slot < 0 or rank[slot] < 0:
            continue
        top, above = -1, parents.get(key)
        for _step in range(_DEEPEST):
            at = slots.get(above, -1) if above is not None else -1
            if at < 0 or at == slot:
                break
            top = at if rank[at] >= 0 else top
            above = parents.get(above) if above is not None else None
        if top >= 0:
            found[slot] = top
    # In a ring each would stand below the other and none be listed: those at the top stay where they are.
    return {slot: top for slot, top in found.items() if top not in found}


def below(order: Order, rank: Order, above: Mapping[int, int]) -> Order:
    """The order with each of `above` right after its top, those of one top in the order they had."""
    moved = np.fromiter(above, np.int64, len(above))
    tops = np.fromiter(above.values(), np.int64, len(above))
    sorting = np.lexsort((rank[moved], rank[tops]))
    moved, tops = moved[sorting], tops[sorting]
    gone = np.zeros(len(rank), np.bool_)
    gone[moved] = True
    rest = order[~gone[order]]
    place = np.full(len(rank), -1, np.int64)
    place[rest] = np.arange(len(rest))
    return np.insert(rest, place[tops] + 1, moved)
