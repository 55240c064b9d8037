"""Why the map has no answer, in one sentence that says what to do."""

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _
from controlroom.mapping.analysis.fault import AnalysisFault, Reason


def told(fault: AnalysisFault) -> EnvironmentFault:
    """The fault as the officer reads it."""
    sentences = {
        Reason.EMPTY: _("There is nothing with a place here. Choose other things or a larger area."),
        Reason.NO_VALUES: _("None of these things has a value now. Choose sensors that tell one."),
        Reason.TOO_FEW: _("There are too few places with a value. Choose more sensors or a larger area."),
        Reason.NO_PLACE: _("A corner lies outside the map's world or too far from the district. Correct “{detail}”."),
        Reason.NO_AREA: _("“{detail}” encloses no area. Choose or draw an area."),
        Reason.AREA_WANTED: _("This question is about areas, and everywhere is none. Choose one, or give its corners."),
        Reason.NOTHING_LEFT: _("The areas do not meet, so nothing is left. Choose others."),
        Reason.BAD_PARAMETER: _("This number makes no sense here: {detail}. Correct it."),
        Reason.TOO_DENSE: _("That would be too much to work on or draw ({detail}). Choose less, or other numbers."),
        Reason.TOO_FAR_APART: _("The grid would have {detail} nodes. Choose a smaller area or coarser numbers."),
        Reason.ALL_ALIKE: _("All values are equal, so there is nothing to tell apart."),
        Reason.NO_CLUSTER: _("Nowhere do so many lie so close together. Choose a longer distance or fewer points."),
        Reason.CANCELLED: _("Cancelled."),
    }
    return EnvironmentFault(sentences[fault.reason].format(detail=fault.detail or "—"))
