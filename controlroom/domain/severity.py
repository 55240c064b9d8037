"""The four severities of the national warning colours."""

import enum


class Severity(enum.IntEnum):
    """Severity of an alarm or incident, 1 is the worst.

    Source: the four-level colour scheme of the national emergency response law (红橙黄蓝, Ⅰ–Ⅳ).
    """

    RED = 1
    ORANGE = 2
    YELLOW = 3
    BLUE = 4

    @property
    def numeral(self) -> str:
        """The Roman numeral that people read out."""
        return "ⅠⅡⅢⅣ"[self.value - 1]
