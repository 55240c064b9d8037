"""The bureau's panel: tables of air, water and noise, what is over its limit, and the chosen station."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSplitter, QTabWidget, QVBoxLayout, QWidget

from controlroom.api import LOCAL, Context, SmallTrend, ValueTable, ValueTile, _, age_text
from plugins.environment.board import DEFAULT_ZONE, ZONES, AirState, Board, NoiseState, WaterState
from plugins.environment.rows import (
    air_row,
    air_titles,
    noise_row,
    noise_titles,
    over_rows,
    over_titles,
    water_row,
    water_titles,
)
from plugins.environment.stations import WATER, Station, Values
from plugins.environment.trend import StationTrend
from plugins.environment.wording import class_word, colour_of, index_text, level_word, primary_text, substance_word


class Environment:
    """The plugin: one board for all its panels and its layer."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._board = Board(context)

    def build(self, panel: str) -> QWidget:
        """The overview, which is the only panel."""
        if panel != "overview":
            raise KeyError(panel)
        return EnvironmentPanel(self._context, self._board)


class EnvironmentPanel(QWidget):
    """Shows the board; redrawn once a second while it can be seen."""

    def __init__(self, context: Context, board: Board, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._board = board
        self._station: Station | None = None
        self.air = ValueTable(air_titles())
        self.water = ValueTable(water_titles())
        self.noise = ValueTable(noise_titles())
        self.over = ValueTable(over_titles())
        self.over.empty.say(_("Nothing is over its limit"))
        self.tabs = QTabWidget()
        self.zone = QComboBox()
        self.tile = ValueTile(_("Chosen station"))
        self.worst = ValueTile(_("Worst air"))
        self.count = ValueTile(_("Over the limit"))
        self.substance = QComboBox()
        self.plot = SmallTrend(LOCAL)
        self.basis = QLabel()
        self._trend = StationTrend(context, self.plot, board.tables)
        self._lay_out()
        self._connect()
        # Not methods of the panel: when these are called it is no more.
        self.destroyed.connect(board.listen(self.refresh).close)
        self.destroyed.connect(self._trend.close)
        self.refresh(now_hidden=True)

    def refresh(self, *, now_hidden: bool = False) -> None:
        """Redraw everything from the board; nothing is done while the panel cannot be seen."""
        if not self.isVisible() and not now_hidden:
            return
        board = self._board
        self.air.set_rows([air_row(state, board.now) for state in board.air])
        self.water.set_rows([water_row(state, board.now) for state in board.water])
        self.noise.set_rows([noise_row(state, board.now) for state in board.noise])
        over = over_rows(board)
        self.over.set_rows(over)
        self.tabs.setTabText(3, _("Over the limit ({count})").format(count=len(over)))
        edition = board.tables.air.edition_on(board.now.astimezone(LOCAL).date()).name
        self.basis.setText(
            _("Judged by {air} (hourly report), {water} (river, target class Ⅲ), {noise} (zone class {zone}).").format(
                air=edition, water=board.tables.water.edition, noise=board.tables.noise.edition, zone=board.zone
            )
        )
        self._show_worst()
        self.count.show_value(str(len(over)), word=_("of {count} stations").format(count=len(board.stations)))
        if self._station is None and board.air:
            self._choose(board.air[0].station)
        self._show_chosen()

    def choose(self, station: str) -> None:
        """Show the station of this id in the tile and the trend; an unknown one changes nothing."""
        found = next((known for known in self._board.stations if known.id == station), None)
        if found is not None:
            self._choose(found)
            self._show_chosen()

    def _lay_out(self) -> None:
        noise = QWidget()
        zone_row = QHBoxLayout()
        zone_row.addWidget(QLabel(_("Zone class of GB 3096")))
        for zone in ZONES:
            self.zone.addItem(_("class {zone}").format(zone=zone), zone)
        self.zone.setCurrentIndex(ZONES.index(DEFAULT_ZONE))
        zone_row.addWidget(self.zone)
        zone_row.addStretch(1)
        noise_rows = QVBoxLayout(noise)
        noise_rows.setContentsMargins(0, 4, 0, 0)
        noise_rows.addLayout(zone_row)
        noise_rows.addWidget(self.noise, 1)
        for page, title in (
            (self.air, _("Air")),
            (self.water, _("Surface water")),
            (noise, _("Noise")),
            (self.over, _("Over the limit")),
        ):
            self.tabs.addTab(page, title)
        tiles = QHBoxLayout()
        for tile in (self.tile, self.worst, self.count):
            tiles.addWidget(tile, 1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(6, 0, 6, 0)
        column.addLayout(tiles)
        column.addWidget(self.substance, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.plot, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.tabs)
        split.addWidget(right)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setSizes([640, 540])
        self.air.sort(1, descending=True)
        self.substance.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.basis.setProperty("faint", True)
        self.basis.setWordWrap(True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(split, 1)
        rows.addWidget(self.basis)

    def _connect(self) -> None:
        for table in (self.air, self.water, self.noise):
            table.row_chosen.connect(self._officer_chose)
        self.over.row_chosen.connect(lambda row: self._officer_chose(row.partition("/")[2]))
        self.substance.activated.connect(self._substance_chosen)
        self.zone.activated.connect(lambda at: self._board.choose_zone(ZONES[at]))

    def _officer_chose(self, station: str) -> None:
        self.choose(station)
        if self._station is not None:
            self._context.select("sensor", self._trend.sensor or self._station.id)

    def _choose(self, station: Station) -> None:
        self._station = station
        self.substance.clear()
        for kind, sensor in station.sensors.items():
            self.substance.addItem(substance_word(kind), sensor.id)
        leading = self._leading(station)
        self.substance.setCurrentIndex(max(0, self.substance.findData(leading)))
        self._substance_chosen()

    def _leading(self, station: Station) -> str:
        """The sensor whose pollutant or factor decides at the station, else the first one."""
        deciding: set[str] = set()
        for air in self._board.air:
            if air.station.id == station.id and air.index is not None:
                deciding.update(air.index.primary)
        for water in self._board.water:
            if water.station.id == station.id and water.quality is not None:
                deciding.update(kind for kind, factor in WATER.items() if factor in water.quality.worst)
        kind = next((kind for kind in station.sensors if kind in deciding), next(iter(station.sensors)))
        return station.sensors[kind].id

    def _substance_chosen(self) -> None:
        chosen = self.substance.currentData()
        sensors = self._station.sensors.values() if self._station is not None else ()
        self._trend.choose(next((sensor for sensor in sensors if sensor.id == chosen), None))

    def _show_worst(self) -> None:
        judged = [state for state in self._board.air if state.index is not None]
        worst = max(judged, key=lambda state: state.index.value if state.index is not None else 0, default=None)
        self.worst.title.setText(
            _("Worst air") if worst is None else _("Worst air: {name}").format(name=worst.station.name)
        )
        self._show_air(self.worst, worst)

    def _show_chosen(self) -> None:
        station = self._station.id if self._station is not None else ""
        self.tile.title.setText(self._station.name if self._station is not None else _("Chosen station"))
        for air in self._board.air:
            if air.station.id == station:
                self._show_air(self.tile, air)
                return
        for water in self._board.water:
            if water.station.id == station:
                self._show_water(self.tile, water)
                return
        for noise in self._board.noise:
            if noise.station.id == station:
                self._show_noise(self.tile, noise)
                return
        self.tile.show_nothing(_("no station"))

    def _show_air(self, tile: ValueTile, state: AirState | None) -> None:
        if state is None or state.index is None:
            self._show_dead(tile, state.values if state is not None else None)
            return
        index = state.index
        word = _("{level}, primary: {pollutants}").format(
            level=level_word(index.level.key), pollutants=primary_text(index)
        )
        tile.show_value(index_text(index), "AQI", word, colour_of(index.level.rgb), self._age(state.values))

    def _show_water(self, tile: ValueTile, state: WaterState) -> None:
        if state.quality is None:
            self._show_dead(tile, state.values)
            return
        factors = " / ".join(substance_word(factor) for factor in state.quality.worst)
        tile.show_value(class_word(state.quality.quality), "", factors, age=self._age(state.values))

    def _show_noise(self, tile: ValueTile, state: NoiseState) -> None:
        if state.level is None:
            self._show_dead(tile, state.values)
            return
        word = (
            _("{excess} over the limit").format(excess=f"{state.excess:.1f}") if state.excess else _("within the limit")
        )
        tile.show_value(f"{state.level:.1f}", "dB(A)", word, age=self._age(state.values))

    def _show_dead(self, tile: ValueTile, values: Values | None) -> None:
        if values is None or values.newest is None:
            tile.show_nothing(_("never heard"))
        else:
            tile.show_stale("—", word=_("stale"), age=self._age(values))

    def _age(self, values: Values) -> str:
        return age_text((self._board.now - values.newest).total_seconds()) if values.newest is not None else ""
