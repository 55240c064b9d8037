"""The rows of the bureau's tables."""

from datetime import datetime

from controlroom.api import Cell, Row, WaterClass, _, age_text
from plugins.environment.board import POLLUTED_ABOVE, WATER_TARGET, AirState, Board, NoiseState, WaterState
from plugins.environment.stations import Values
from plugins.environment.wording import class_word, colour_of, index_text, level_word, primary_text, substance_word

ABSENT = "—"
_WATER_COLOURS = {WaterClass.IV: "#e9c46a", WaterClass.V: "#f46036", WaterClass.WORSE: "#d7263d"}
_OVER_COLOUR = "#e9c46a"


def air_titles() -> list[str]:
    """The columns of the air table."""
    return [_("Station"), _("AQI"), _("Grade"), _("Primary pollutant"), _("Age"), _("State")]


def water_titles() -> list[str]:
    """The columns of the water table."""
    return [_("Section"), _("Water class"), _("Deciding factor"), _("Age"), _("State")]


def noise_titles() -> list[str]:
    """The columns of the noise table."""
    return [_("Noise point"), _("Level in dB(A)"), _("Limit"), _("Over by"), _("Age"), _("State")]


def over_titles() -> list[str]:
    """The columns of the list of what is over its limit."""
    return [_("Site"), _("What is over"), _("Measured"), _("Limit"), _("Age")]


def age_cell(values: Values, now: datetime) -> Cell:
    """How old the newest reading is."""
    if values.newest is None:
        return Cell(ABSENT, sort=1e12)
    age_s = (now - values.newest).total_seconds()
    return Cell(age_text(age_s), sort=age_s, stale=values.dead)


def state_text(values: Values) -> str:
    """Whether everything of a station is fresh, and if not, what is not."""
    if values.newest is None:
        return _("never heard")
    if values.dead:
        return _("stale")
    lacking = [substance_word(kind) for kind in (*values.stale, *values.missing)]
    return _("without {what}").format(what=" / ".join(lacking)) if lacking else _("fresh")


def air_row(state: AirState, now: datetime) -> Row:
    """A station in the air table."""
    index = state.index
    if index is None:
        figures = (Cell(ABSENT, sort=-1.0), Cell(_("No valid data"), stale=True), Cell(ABSENT))
    else:
        figures = (
            Cell(index_text(index), sort=float(index.value)),
            Cell(level_word(index.level.key), colour=colour_of(index.level.rgb)),
            Cell(primary_text(index)),
        )
    return _row(state.station.id, state.station.name, figures, state.values, now)


def water_row(state: WaterState, now: datetime) -> Row:
    """A section in the water table."""
    quality = state.quality
    if quality is None:
        figures = (Cell(_("No valid data"), stale=True), Cell(ABSENT))
    else:
        factors = " / ".join(substance_word(factor) for factor in quality.worst)
        figures = (
            Cell(class_word(quality.quality), colour=_WATER_COLOURS.get(quality.quality, "")),
            Cell(factors or _("none")),
        )
    return _row(state.station.id, state.station.name, figures, state.values, now)


def noise_row(state: NoiseState, now: datetime) -> Row:
    """A point in the noise table."""
    level = state.level
    figures = (
        Cell(ABSENT, sort=-1.0) if level is None else Cell(f"{level:.1f}", sort=level),
        Cell(f"{state.limit:.0f}", sort=state.limit),
        Cell(f"{state.excess:.1f}", sort=state.excess, colour=_OVER_COLOUR) if state.excess else Cell(ABSENT, sort=0.0),
    )
    return _row(state.station.id, state.station.name, figures, state.values, now)


def over_rows(board: Board) -> list[Row]:
    """Everything fresh that is over its limit: air, then water, then noise, the worst first."""
    found: list[tuple[float, Row]] = []
    for air in board.air:
        if air.index is not None and air.index.value > POLLUTED_ABOVE:
            cells = (
                Cell(air.station.name),
                Cell(_("Air: {pollutants}").format(pollutants=primary_text(air.index))),
                Cell(f"AQI {index_text(air.index)}", colour=colour_of(air.index.level.rgb)),
                Cell(f"AQI {POLLUTED_ABOVE}"),
                age_cell(air.values, board.now),
            )
            found.append((-float(air.index.value), Row(f"air/{air.station.id}", cells)))
    for water in board.water:
        if water.quality is not None and water.quality.quality > WATER_TARGET:
            factors = " / ".join(substance_word(factor) for factor in water.quality.worst)
            cells = (
                Cell(water.station.name),
                Cell(_("Water: {factors}").format(factors=factors)),
                Cell(class_word(water.quality.quality), colour=_WATER_COLOURS[water.quality.quality]),
                Cell(class_word(WATER_TARGET)),
                age_cell(water.values, board.now),
            )
            found.append((1000.0 - water.quality.quality, Row(f"water/{water.station.id}", cells)))
    for noise in board.noise:
        if noise.level is not None and noise.excess > 0:
            cells = (
                Cell(noise.station.name),
                Cell(_("Noise")),
                Cell(f"{noise.level:.1f} dB(A)", colour=_OVER_COLOUR),
                Cell(f"{noise.limit:.0f} dB(A)"),
                age_cell(noise.values, board.now),
            )
            found.append((2000.0 - noise.excess, Row(f"noise/{noise.station.id}", cells)))
    return [row for _order, row in sorted(found, key=lambda item: item[0])]


def _row(station: str, name: str, figures: tuple[Cell, ...], values: Values, now: datetime) -> Row:
    return Row(station, (Cell(name), *figures, age_cell(values, now), Cell(state_text(values), stale=values.dead)))
