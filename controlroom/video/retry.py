"""When a lost stream is tried again."""

import random

_FIRST_S = 0.25
_LONGEST_S = 5.0
_REFUSED_LONGEST_S = 30.0


def delay_s(failures: int, is_refusal: bool, chance: random.Random) -> float:
    """Seconds until the next attempt after `failures` in a row: doubling, with jitter of a quarter either way.

    The jitter keeps the streams of a server that comes back from storming it in one instant.
    """
    base = _FIRST_S * 2.0 ** min(max(0, failures - 1), 10)
    if is_refusal:
        base *= 4.0
    longest = _REFUSED_LONGEST_S if is_refusal else _LONGEST_S
    return min(base, longest) * chance.uniform(0.75, 1.25)
