"""The directory of all shared cameras: trees, a search while one types, and a hand to the wall."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from controlroom.bridge.camera_catalogue import By, Catalogue
from controlroom.bridge.camera_sight import Witness
from controlroom.bridge.models.camera_tree import CAMERA_ROLE, PATH_ROLE, CameraTree, Column
from controlroom.bridge.raw_text import harmless
from controlroom.domain.camera import Camera
from controlroom.domain.camera_group import CameraGroup
from controlroom.i18n import _, _n
from widgets.camera_groups import PATH, CameraGroups
from widgets.camera_tree_view import CameraTreeView
from widgets.camera_words import DirectoryWords
from widgets.empty_words import EmptyWords

_SIGHT = "sight"
_GROUPS = "groups"


class CameraBrowser(QWidget):
    """A search line, a choice of trees and the tree. Enter or a double click asks for the chosen cameras on the wall.

    Down goes from the search into the tree, Escape empties the search, M shows a camera on the map, F makes it a
    favourite, G makes a group, Delete takes it out of one. Expanded nodes and the choice of tree are kept with the
    panel (`state`, `restore`).
    """

    camera_selected = Signal(str)
    """The current row is now this camera."""
    cameras_wanted = Signal(list)
    """list[str]: these cameras are wanted on the wall."""
    map_wanted = Signal(str)
    """The camera is wanted on the map."""

    def __init__(self, camera: Callable[[str], Camera | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._camera = camera
        self._catalogue = Catalogue()
        self._is_busy = False
        self._expanded: set[str] = set()
        self._quiet = False
        self._witnesses: Sequence[Witness] = ()
        self._sight = ""
        self.groups = CameraGroups(camera, self)
        self.words = DirectoryWords(self.groups.name)
        self.model = CameraTree(camera, self.words, self)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search cameras: name, pinyin, initials, number, place"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(_("Search cameras"))
        self.by = QComboBox()
        self.by.setAccessibleName(_("Cameras by"))
        for by, title in ((By.DEPARTMENT, _("By department")), (By.TOWN, _("By area")), (By.KIND, _("By kind"))):
            self.by.addItem(title, by.value)
        self.by.addItem(_("Favourites and groups"), _GROUPS)
        self.tree = CameraTreeView()
        self.tree.setModel(self.model)
        self.tree.setAccessibleName(_("Cameras"))
        EmptyWords(self.tree, _("No camera here: choose another order, or search for another name"))
        self.count = QLabel()
        self.count.setProperty("faint", True)
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        # A long title of what is seen gives way to the panel.
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lay_out()
        self.setFocusProxy(self.search)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._to_tree)
        self.by.currentIndexChanged.connect(self._show)
        self.tree.expanded.connect(self._note_expanded)
        self.tree.collapsed.connect(self._note_collapsed)
        self.tree.activated.connect(self._activate)
        self.tree.selectionModel().currentChanged.connect(self._tell)
        self.tree.customContextMenuRequested.connect(self._pop_up)
        self.tree.key_pressed.connect(self._key)
        self._count()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.search, 1)
        row.addWidget(self.by)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addLayout(row)
        column.addWidget(self.tree, 1)
        column.addWidget(self.count)

    # ------------------------------------------------------------ what it is fed

    def show_catalogue(self, catalogue: Catalogue, busy: bool) -> None:
        """Another catalogue; `busy` while a newer one is being made. What was open and chosen stays so."""
        is_new = catalogue.shape != self._catalogue.shape or len(catalogue.ids) != len(self._catalogue.ids)
        self._catalogue, self._is_busy = catalogue, busy
        if is_new:
            self._show()
        else:
            kind = self._tree_kind()
            if not self.search.text().strip() and kind is not None:
                self.model.recount(catalogue.trees[kind])
            elif not self.search.text().strip() and self.by.currentData() == _GROUPS:
                self.model.recount(self.groups.tree())
            self.repaint_states()
            self._count()

    def set_sight(self, title: str, found: Sequence[Witness]) -> None:
        """The cameras that can see a place, the best first, as a further choice beside the trees."""
        same = [each.camera for each in found] == [each.camera for each in self._witnesses]
        self._witnesses = found
        self._sight = harmless(title)
        if self.by.findData(_SIGHT) < 0:
            self.by.addItem(_("Who can see it"), _SIGHT)
        if self.by.currentData() == _SIGHT and not self.search.text().strip():
            if same:
                self.words.reasons = {each.camera: each.reason for each in found}
                self.repaint_states()
                self._count()
            else:
                self._show()

    def set_groups(self, groups: Iterable[CameraGroup]) -> None:
        """The favourites and groups that the officer sees."""
        self.groups.set_groups(groups)
        self.words.favourites = self.groups.favourites
        if self.by.currentData() == _GROUPS and not self.search.text().strip():
            self._show()
        else:
            self.repaint_states()

    def open_sight(self) -> None:
        """Show who can see the place, with the best chosen and the keyboard on it."""
        self.search.clear()
        self.by.setCurrentIndex(self.by.findData(_SIGHT))
        self._show()
        if self.model.rowCount():
            self._quiet = True
            self.tree.setCurrentIndex(self.model.index(0, 0))
            self._quiet = False
        self.tree.setFocus()

    def repaint_states(self) -> None:
        """States have changed: paint what is seen."""
        self.tree.viewport().update()

    def tick(self, now: datetime) -> None:
        """Tell ages as of now."""
        self.words.now = now
        if self.isVisible():
            self.repaint_states()

    def select(self, identity: str) -> None:
        """Choose a camera, as when it was clicked on the map; its node opens."""
        index = self.model.index_of(identity)
        if index.isValid() and identity != self.current_camera:
            self._quiet = True
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)
            self._quiet = False

    @property
    def current_camera(self) -> str:
        """The id of the current row's camera, empty for a node."""
        return self.model.camera_at(self.tree.currentIndex())

    def chosen(self) -> list[str]:
        """The cameras of the selected rows and groups, in the order they are shown."""
        found: dict[str, None] = {}
        for index in self.tree.selectionModel().selectedRows(Column.NAME):
            if identity := index.data(CAMERA_ROLE):
                found[identity] = None
            elif str(index.data(PATH_ROLE)).startswith(PATH):
                found.update(dict.fromkeys(self.model.node_at(index).cameras))
        return list(found)

    def state(self) -> dict[str, Any]:
        """What should be found again after a restart."""
        kind = self.by.currentData() if self.by.currentData() != _SIGHT else By.DEPARTMENT.value
        return {"by": str(kind), "expanded": sorted(self._expanded)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state()` gave; what does not fit is left out."""
        expanded = state.get("expanded")
        if isinstance(expanded, list):
            self._expanded = {path for path in expanded if isinstance(path, str)}
        place = self.by.findData(state.get("by"))
        if place >= 0:
            self.by.setCurrentIndex(place)
        self._show()

    # ------------------------------------------------------------ showing

    def _tree_kind(self) -> By | None:
        kind = self.by.currentData()
        return By(kind) if kind in list(By) else None

    def _search(self, _text: str) -> None:
        self._show()

    def _show(self, _place: int = 0) -> None:
        """Build the rows anew and find again what was open, chosen and looked at."""
        words, current = self.search.text().strip(), self.current_camera
        self._quiet = True
        self.words.reasons = {}
        if words:
            self.model.show_list(self._catalogue.search(words))
        else:
            self._show_kind()
        self.tree.give_reasons(bool(self.words.reasons))
        self.tree.setRootIsDecorated(not self.model.is_list)
        for path in self._expanded:
            index = self.model.index_of_path(path)
            if index.isValid():
                self.tree.setExpanded(index, True)
        index = self.model.index_of(current) if current else QModelIndex()
        if index.isValid() and self.tree.isExpanded(index.parent()) | self.model.is_list:
            self.tree.setCurrentIndex(index)
        self._quiet = False
        self._count()

    def _show_kind(self) -> None:
        if self.by.currentData() == _SIGHT:
            self.words.reasons = {each.camera: each.reason for each in self._witnesses}
            self.model.show_list([each.camera for each in self._witnesses])
        elif self.by.currentData() == _GROUPS:
            self.model.show_tree(self.groups.tree())
        else:
            self.model.show_tree(self._catalogue.trees[self._tree_kind() or By.DEPARTMENT])

    def _count(self) -> None:
        total, listed = len(self._catalogue.ids), self.model.tree.nodes[0].total
        if self._is_busy and not total:
            self.count.setText(_("The cameras are being put in order…"))
        elif self.by.currentData() == _SIGHT and not self.search.text().strip():
            turning = sum(each.must_turn for each in self._witnesses)
            looking = listed - turning
            told = _n("{count} camera can see: {place}", "{count} cameras can see: {place}", looking)
            told = told.format(count=looking, place=self._sight)
            if turning:
                more = _n("{told} · {count} more can turn to it", "{told} · {count} more can turn to it", turning)
                told = more.format(told=told, count=turning)
            self.count.setText(told)
        else:
            self.count.setText(_("{listed} of {total} cameras").format(listed=listed, total=total))

    # ------------------------------------------------------------ what the officer does

    def _to_tree(self) -> None:
        if not self.tree.currentIndex().isValid() and self.model.rowCount():
            self.tree.setCurrentIndex(self.model.index(0, 0))
        self.tree.setFocus()

    def _note_expanded(self, index: QModelIndex) -> None:
        self._expanded.add(index.data(PATH_ROLE))

    def _note_collapsed(self, index: QModelIndex) -> None:
        self._expanded.discard(index.data(PATH_ROLE))

    def _activate(self, index: QModelIndex) -> None:
        identity = self.model.camera_at(index)
        if identity:
            chosen = self.chosen()
            self.cameras_wanted.emit(chosen if identity in chosen else [identity])

    def _tell(self, current: QModelIndex) -> None:
        identity = self.model.camera_at(current)
        if identity and not self._quiet:
            self.camera_selected.emit(identity)

    def _key(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_M and not event.modifiers():
            self._to_map()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen():
            self._to_wall()
        elif event.key() == Qt.Key.Key_F and not event.modifiers():
            self.groups.toggle_favourites(self.chosen())
        elif event.key() == Qt.Key.Key_G and not event.modifiers() and self.chosen():
            self.groups.ask_name(self.chosen())
        elif event.key() == Qt.Key.Key_Delete:
            self.groups.take_out(self._path(), self.chosen())
        elif event.key() == Qt.Key.Key_Escape:
            self.search.setFocus()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down leads from the search into the tree, Escape empties the search."""
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self._to_tree()
        elif event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)

    def _to_wall(self) -> None:
        if self.chosen():
            self.cameras_wanted.emit(self.chosen())

    def _to_map(self) -> None:
        if self.current_camera:
            self.map_wanted.emit(self.current_camera)

    def _pop_up(self, at: QPoint) -> None:
        menu = self.menu()
        if not menu.isEmpty():
            menu.popup(self.tree.viewport().mapToGlobal(at))

    def menu(self) -> QMenu:
        """What can be done with the chosen cameras; the menu goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.chosen():
            menu.addAction(_("To the wall"), self._to_wall).setShortcut(Qt.Key.Key_Return)
            menu.addAction(_("Show on the map"), self._to_map).setShortcut(Qt.Key.Key_M)
            self.groups.extend(menu, self.chosen(), self._path())
        for action in menu.actions():
            action.setShortcutVisibleInContextMenu(True)
        return menu

    def _path(self) -> str:
        """The path of the node that the current row is or hangs from."""
        return self.model.node_at(self.tree.currentIndex()).path
