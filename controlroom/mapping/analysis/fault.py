"""Why an analysis has no answer, and how it tells how far it is."""

import enum
from collections.abc import Callable


class Reason(enum.StrEnum):
    """Every reason; the sentences are in `bridge/answer_wording.py`."""

    EMPTY = "empty"
    """No point of the input has a place in the world."""
    NO_VALUES = "no_values"
    """Points have places, but none has a value."""
    TOO_FEW = "too_few"
    """The method needs more places than there are."""
    NO_PLACE = "no_place"
    """A ring or point lies outside the world or is not a number."""
    NO_AREA = "no_area"
    """What was given as an area has no surface."""
    AREA_WANTED = "area_wanted"
    """What is asked is about areas, and none was given."""
    NOTHING_LEFT = "nothing_left"
    """Areas do not touch, so that nothing is left."""
    BAD_PARAMETER = "bad_parameter"
    """A number is out of the range that makes sense."""
    TOO_DENSE = "too_dense"
    """So many points lie within the distance that no machine would come to an end."""
    TOO_FAR_APART = "too_far_apart"
    """The grid would have too many cells."""
    ALL_ALIKE = "all_alike"
    """All values are equal: nothing is to be told apart."""
    NO_CLUSTER = "no_cluster"
    """Nowhere lie as many points together as are asked for."""
    CANCELLED = "cancelled"


class AnalysisFault(Exception):
    """An analysis that cannot be answered; `reason` says why, `detail` names the parameter or number."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


Step = Callable[[float], None]
"""Told the share that is done, 0 to 1; raises AnalysisFault(CANCELLED) when nobody wants the answer any more."""


def alone(_share: float) -> None:
    """A Step for whom nobody listens to."""
