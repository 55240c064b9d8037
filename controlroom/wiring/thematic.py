"""Thematic layers, connected: the watched folder, the reader of its files, and every map of the seat."""

import logging
from functools import partial
from pathlib import Path

import msgspec
import tomlkit
import tomlkit.exceptions
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMenu

from controlroom.bridge.layer_features import FeatureLayer, LayerFeatures
from controlroom.bridge.thematic_run import ThematicRun
from controlroom.bridge.thematic_wording import entry_fault, failed_words, note_of
from controlroom.domain.times import from_ms
from controlroom.i18n import _
from controlroom.mapping.layer_tree import Change, LayerGroup
from controlroom.mapping.sheets import Taken
from controlroom.mapping.thematic.messages import Entry, Failed, Opened
from controlroom.mapping.thematic.opening import SUFFIXES
from controlroom.mapping.thematic.sidecar import sidecar_of
from controlroom.mapping.thematic.systems import CHOICES, Told, declared
from controlroom.wiring.layer_choice import LayerChoice, facts_of
from controlroom.wiring.layer_drop import DropBatch
from controlroom.wiring.seat import Seat
from controlroom.wiring.thematic_drops import DroppedFiles
from controlroom.wiring.thematic_layer import ThematicLayer
from controlroom.wiring.thematic_maps import MapSheets
from widgets.feature_card import Thing
from widgets.map_view import MapView
from widgets.system_dialog import SystemDialog

log = logging.getLogger(__name__)

PREFIX = "file:"
LOOK_MS = 4000


class ThematicLayers(QObject):
    """The layers of files, for all maps of a seat. `close` ends the reader.

    Files are listed by their heads; a layer is read when a map first shows it, and dropped from the reader when its
    reading is no longer wanted.
    """

    def __init__(
        self, seat: Seat, folder: Path, parent: QObject | None = None, district: tuple[Path, ...] = ()
    ) -> None:
        """`district` are folders of layers that come with the district, before the officer's own."""
        super().__init__(parent)
        self._seat = seat
        self._folder = folder
        self._district = [str(one) for one in district if one.is_dir()]
        self._settled = False
        self._maps: list[MapSheets] = []
        self._held: dict[str, ThematicLayer] = {}
        self._numbers = 0
        self._asked_list = False
        self._dropped = DroppedFiles(folder, seat.requests.told.emit)
        self._fresh: set[str] = set()
        self._batches: dict[MapSheets, DropBatch] = {}
        self._dropped_on: MapSheets | None = None
        self.run = ThematicRun(self)
        self.run.listed.connect(self._listed)
        self.run.progressed.connect(self._progressed)
        self.run.opened.connect(self._opened)
        self.run.failed.connect(self._failed)
        self.run.fell.connect(self._fell)
        self.features = seat.features = LayerFeatures(self.run, self._read_layers)
        self._soon = QTimer(self, singleShot=True, interval=30)
        self._soon.timeout.connect(self._want)
        self._watch = QTimer(self, interval=LOOK_MS)
        self._watch.timeout.connect(self._look_again)
        self._watch.start()
        seat.requests.map_opened.connect(self.attach)

    def close(self) -> None:
        """End the reader."""
        self._watch.stop()
        self.run.close()

    def attach(self, view: MapView) -> None:
        """A map of the seat: it gets all layers, and files may be dropped onto it."""
        sheets = MapSheets(view, self)
        sheets.dropped.connect(partial(self._drop_on, sheets))
        sheets.refused.connect(self._refuse)
        sheets.things_wanted.connect(self._ask_things)
        view.tree.watch(self._tree_changed)
        view.looked.connect(self._soon.start)
        view.layer_menu_filled.connect(partial(self._fill_menu, sheets))
        sheets.view_gone.connect(self._forget)
        view.scene.sheets.source = partial(self._tile, sheets)
        LayerChoice(self._seat, sheets, self.run, partial(self._shown, sheets))
        self._batches[sheets] = DropBatch(self._seat, sheets)
        self._maps.append(sheets)
        for key, held in self._held.items():
            self._register(sheets, key, held)
        self.look()

    def look(self) -> None:
        """See what is in the folder now."""
        if self._asked_list or not self._maps:
            return
        # The reader is a process: for what comes with the district it is not started while the room opens.
        district = self._district if self._settled or self._held else []
        own = [str(self._folder)] if self._folder.is_dir() else []  # a folder that is not there would be a broken file
        paths = [*district, *own, *self._dropped.paths]
        if self._dropped.paths or self._held or self._has_files() or district:
            self._asked_list = True
            self.run.list_files(paths)

    def _look_again(self) -> None:
        self._settled = True
        self.look()

    # ------------------------------------------------------------ what the reader tells

    def _listed(self, entries: list[Entry]) -> None:
        self._asked_list = False
        found = {self._key(entry): entry for entry in entries}
        for key in self._held.keys() - found.keys():
            self._withdraw(key)
        for key, entry in found.items():
            held = self._held.get(key)
            if held is None:
                self._numbers += 1
                held = self._held[key] = ThematicLayer(entry, self._numbers)
                held.asks_system = entry.path in self._fresh
            elif held.entry.stamp == entry.stamp:
                continue
            else:
                held.entry, held.failed = entry, ""
                if held.opened is not None or held.reading:
                    self._read(key, held)
            for sheets in self._maps:
                self._register(sheets, key, held)
            if entry.path in self._fresh:
                self._show(key)
        self._tell_drop(found)
        self._fresh.clear()
        self._soon.start()

    def _tell_drop(self, found: dict[str, Entry]) -> None:
        """What was dropped is followed until it is read; what is broken is named."""
        fresh = {key: entry for key, entry in found.items() if entry.path in self._fresh}
        broken = [entry_fault(Path(one.path).name, one) for one in fresh.values() if one.fault is not None]
        batch = self._batches.get(self._dropped_on) if self._dropped_on is not None else None
        if batch is not None and len(fresh) > 1:
            batch.begin({key for key, one in fresh.items() if one.fault is None}, broken)
            return
        for sentence in broken:
            self._seat.requests.told.emit(sentence)

    def _progressed(self, key: str, share: float) -> None:
        for sheets in self._maps:
            sheets.view.tree.tell(key, progress=share)

    def _opened(self, key: str, opened: Opened) -> None:
        held = self._held.get(key)
        if held is None:
            return
        held.opened, held.reading, held.failed = opened, False, ""
        held.version += 1
        for sheets in self._maps:
            self._register(sheets, key, held)
        for batch in self._batches.values():
            batch.ended(key)
        if held.asks_system:
            held.asks_system = False
            if opened.system.told is Told.GUESSED and self._maps:
                self._ask_system(self._maps[-1], key)

    def _failed(self, key: str, failed: Failed) -> None:
        held = self._held.get(key)
        if held is None:
            return
        held.reading, held.opened = False, None
        held.failed = failed_words(Path(held.entry.path).name, failed)
        log.info("a thematic layer was not read: %s", held.failed)
        for sheets in self._maps:
            self._register(sheets, key, held)
        if held.wanted and not any(batch.holds(key) for batch in self._batches.values()):
            self._seat.requests.told.emit(held.failed)
        for batch in self._batches.values():
            batch.ended(key, held.failed)

    def _fell(self, lost: list[str]) -> None:
        """The reader took its layers with it: those that are wanted are read anew."""
        self._asked_list = False
        for key in lost:
            held = self._held.get(key)
            if held is not None:
                held.opened, held.reading = None, False
        self._soon.start()

    # ------------------------------------------------------------ what the maps want

    def _tree_changed(self, change: Change) -> None:
        if change is not Change.WISHES:
            return
        self._soon.start()
        for sheets in self._maps:
            tree = sheets.view.tree
            for key, look in list(sheets.view.scene.sheets.held.items()):
                if tree.layer(key) is not None and look.label != tree.label(key):
                    sheets.view.scene.sheets.put(msgspec.structs.replace(look, label=tree.label(key)))

    def _want(self) -> None:
        """Read what a map shows; stop reading what none shows any more."""
        for key, held in self._held.items():
            if held.entry.fault is not None:
                continue
            held.wanted = any(sheets.view.tree.draws(key, sheets.view.scene.centre.zoom) for sheets in self._maps)
            if held.wanted and held.opened is None and not held.reading and not held.failed:
                self._read(key, held)
            elif held.reading and not held.wanted:
                held.reading = False
                self.run.drop(key)
                for sheets in self._maps:
                    sheets.view.tree.tell(key, progress=None)

    def _read(self, key: str, held: ThematicLayer) -> None:
        held.reading = True
        self.run.open(key, held.entry.path, held.entry.table)
        self._progressed(key, 0.0)

    def _tile(self, sheets: MapSheets, number: int, zoom: int, x: int, y: int, taken: Taken) -> None:
        key = next((key for key, held in self._held.items() if held.number == number), "")
        look = sheets.view.scene.sheets.held.get(key)
        label = look.label if look is not None and zoom >= look.label_zoom else ""
        self.run.tile(key, zoom, x, y, taken, label)

    def _shown(self, sheets: MapSheets) -> list[FeatureLayer]:
        """The layers that a map shows and that are read, from the topmost down."""
        tree, zoom = sheets.view.tree, sheets.view.scene.centre.zoom
        read = {layer.id: layer for layer in self._read_layers()}
        return [read[one.id] for one in reversed(tree.drawn()) if one.id in read and tree.draws(one.id, zoom)]

    def _ask_things(self, sheets: MapSheets, lon: float, lat: float) -> None:
        """What is at a place, from the topmost layer down."""
        layers = self._shown(sheets)
        sheets.await_things(len(layers))
        for place, layer in enumerate(layers):
            took = partial(_hand_over, self._seat, sheets, sheets.turn, place, layer)
            self.run.place(layer.id, lon, lat, sheets.view.scene.centre.zoom, took)

    def _drop_on(self, sheets: MapSheets, paths: list[str]) -> None:
        self._dropped_on = sheets
        self._drop(paths)

    def _drop(self, paths: list[str]) -> None:
        """Files were dropped onto a map: they are kept by their place, and shown."""
        here = {entry.entry.path for entry in self._held.values()}
        for path in paths:
            if path in here:
                for key, held in self._held.items():
                    if held.entry.path == path:
                        self._show(key)
            else:
                self._fresh.add(path)
        self._dropped.add(self._fresh)
        self._asked_list = False
        self.look()

    def _refuse(self, paths: list[Path]) -> None:
        for path in paths:
            words = _("{file} is nothing that a map can show. Layers end in {endings}.")
            self._seat.requests.told.emit(words.format(file=path.name, endings=" ".join(SUFFIXES)))

    def _show(self, key: str) -> None:
        for sheets in self._maps:
            if sheets.view.tree.layer(key) is not None:
                sheets.view.tree.show_group(LayerGroup.THEMATIC, True)
                sheets.view.tree.show(key, True)

    # ------------------------------------------------------------ what an officer can do with one

    def _fill_menu(self, sheets: MapSheets, menu: QMenu, key: str) -> None:
        held = self._held.get(key)
        if held is None:
            return
        fly = menu.addAction(_("Show the whole layer"), partial(self._fly, sheets, key))
        fly.setEnabled(held.opened is not None)
        system = menu.addAction(_("Coordinates…"), partial(self._ask_system, sheets, key))
        system.setEnabled(held.opened is not None)
        menu.addAction(_("Read again"), partial(self._again, key))
        gone = menu.addAction(_("Take this file off the map"), partial(self._take_off, key))
        gone.setEnabled(held.entry.path in self._dropped.paths)

    def _fly(self, sheets: MapSheets, key: str) -> None:
        opened = self._held[key].opened
        if opened is not None:
            sheets.fly_to(opened.extent)

    def _again(self, key: str) -> None:
        held = self._held.get(key)
        if held is not None:
            held.failed = ""
            self._read(key, held)

    def _take_off(self, key: str) -> None:
        held = self._held.get(key)
        if held is not None and held.entry.path in self._dropped.paths:
            self._dropped.remove(held.entry.path)
            path = held.entry.path
            for other in [other for other, one in self._held.items() if one.entry.path == path]:
                self._withdraw(other)

    def _ask_system(self, sheets: MapSheets, key: str) -> None:
        held = self._held.get(key)
        if held is None or held.opened is None:
            return
        choices = [(code, declared(code).title) for code in CHOICES]
        dialog = SystemDialog(held.title, held.opened.system.title, choices, sheets.view.window())
        dialog.chosen.connect(partial(self._set_system, key))
        dialog.open()
        sheets.dialog = dialog

    def _set_system(self, key: str, code: str) -> None:
        """Write it where it holds for every seat that reads this file: beside it."""
        held = self._held.get(key)
        if held is None:
            return
        beside = sidecar_of(Path(held.entry.path))
        try:
            document = tomlkit.parse(beside.read_text("utf-8")) if beside.is_file() else tomlkit.document()
            document["crs"] = code
            beside.write_text(tomlkit.dumps(document), "utf-8")
        except (OSError, UnicodeDecodeError, tomlkit.exceptions.TOMLKitError) as error:
            words = _("The coordinates cannot be kept in {file}: {reason}")
            self._seat.requests.told.emit(words.format(file=beside.name, reason=error))
            return
        self._asked_list = False
        self.look()

    # ------------------------------------------------------------ inside

    def _register(self, sheets: MapSheets, key: str, held: ThematicLayer) -> None:
        tree, drawn = sheets.view.tree, sheets.view.scene.sheets
        known = tree.layer(key)
        layer = held.layer(key, known)
        if known != layer:
            tree.register(layer)
        fault = held.fault
        at_ms = held.data_at_ms
        tree.tell(
            key,
            count=held.count,
            data_at=from_ms(at_ms) if at_ms > 0 else None,
            note=fault or (note_of(held.opened) if held.opened else ""),
            is_fault=bool(fault),
            progress=0.0 if held.reading else None,
        )
        look = held.look(key, tree.label(key))
        if look is not None:
            drawn.put(look)
        else:
            drawn.remove(key)

    def _withdraw(self, key: str) -> None:
        self._held.pop(key, None)
        self.run.drop(key)
        for sheets in self._maps:
            sheets.view.tree.withdraw(key)
            sheets.view.scene.sheets.remove(key)

    def _read_layers(self) -> list[FeatureLayer]:
        found = (held.features(key) for key, held in self._held.items())
        return [layer for layer in found if layer is not None]

    def _key(self, entry: Entry) -> str:
        """The same for the same file on every start, so that what was wished of it is found again."""
        path = Path(entry.path)
        inside = path.is_relative_to(self._folder)
        name = path.relative_to(self._folder).as_posix() if inside else path.as_posix()
        return f"{PREFIX}{name}|{entry.table}" if entry.table else f"{PREFIX}{name}"

    def _has_files(self) -> bool:
        try:
            return any(not path.name.startswith(".") for path in self._folder.iterdir())
        except OSError:
            return False

    def _forget(self, sheets: MapSheets) -> None:
        if sheets in self._maps:
            self._maps.remove(sheets)
            self._batches.pop(sheets, None)
            self._dropped_on = None
            sheets.deleteLater()


def _hand_over(
    seat: Seat,
    sheets: MapSheets,
    turn: int,
    place: int,
    layer: FeatureLayer,
    found: list[tuple[int, list[tuple[str, str]]]],
) -> None:
    facts, old = facts_of(seat, layer)
    things = [
        Thing(layer.title, number, tuple((name, value) for name, value in row), facts=facts, is_old=old)
        for number, row in found
    ]
    sheets.take_things(turn, place, things)
