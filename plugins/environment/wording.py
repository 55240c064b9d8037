"""The bureau's words for what the standards found."""

from controlroom.api import N_, AirIndex, WaterClass, _

_LEVELS = {
    "excellent": N_("Excellent air"),
    "good": N_("Good air"),
    "light": N_("Light pollution"),
    "moderate": N_("Moderate pollution"),
    "heavy": N_("Heavy pollution"),
    "severe": N_("Severe pollution"),
}

_SUBSTANCES = {
    "pm25": "PM2.5",
    "pm10": "PM10",
    "so2": "SO₂",
    "no2": "NO₂",
    "co": "CO",
    "o3": "O₃",
    "ph": "pH",
    "do": N_("Dissolved oxygen"),
    "dissolved_oxygen": N_("Dissolved oxygen"),
    "codmn": N_("Permanganate index"),
    "permanganate": N_("Permanganate index"),
    "nh3n": N_("Ammonia nitrogen"),
    "ammonia_nitrogen": N_("Ammonia nitrogen"),
    "tp": N_("Total phosphorus"),
    "total_phosphorus": N_("Total phosphorus"),
    "noise": N_("Noise"),
}


def level_word(key: str) -> str:
    """The word of a class of the air quality index."""
    return _(_LEVELS[key])


def substance_word(key: str) -> str:
    """What people call a pollutant, factor or kind of sensor."""
    return _(_SUBSTANCES[key])


def primary_text(index: AirIndex) -> str:
    """The pollutants that lead, or that none does."""
    return " / ".join(substance_word(key) for key in index.primary) or _("none")


def index_text(index: AirIndex) -> str:
    """The index; above the table with a sign that says so."""
    return f"{index.value}+" if index.off_scale else str(index.value)


def class_word(quality: WaterClass) -> str:
    """The class of a water as it is printed."""
    return _("Worse than Ⅴ") if quality is WaterClass.WORSE else _("Class {numeral}").format(numeral=quality.numeral)


def colour_of(rgb: tuple[int, int, int]) -> str:
    """`#rrggbb` of a colour of the standard."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)
