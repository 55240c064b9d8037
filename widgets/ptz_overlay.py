"""PTZ mode on a picture: who holds the camera, its presets, and the pane that moves it."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from controlroom.domain.ptz import Ability, Preset
from controlroom.domain.ptz_rules import HOME
from controlroom.i18n import _
from widgets.ptz_pad import SPEEDS, Movements, PtzPad
from widgets.ptz_words import PtzSight, asking, last_words, standing, trouble_words

KEYED = 9
THUMB = QSize(64, 36)


class Holding(Movements, Protocol):
    """What an officer can do with a camera in PTZ mode."""

    def take(self) -> None:
        """Take it, or keep it for longer."""

    def take_over(self) -> None:
        """Take it from a lower role, after a reason was asked."""

    def ask(self) -> None:
        """Ask who holds it."""

    def release(self) -> None:
        """Give it back."""

    def answer(self, seat: str, hand: bool) -> None:
        """Hand it to a seat that asks, or decline."""

    def go(self, preset: str) -> None:
        """Go to a preset, or home."""

    def save(self) -> None:
        """Save a preset, after its name was asked."""

    def rename(self, preset: str) -> None:
        """Rename a preset, after its name was asked."""

    def remove(self, preset: str) -> None:
        """Remove a preset."""

    def replace(self, preset: str) -> None:
        """Let a preset look where the camera looks now."""

    def guard(self, preset: str) -> None:
        """Let the camera go back to a preset by itself, or to none."""

    def patrol(self) -> None:
        """Begin or end a patrol of the presets."""

    def rules(self) -> None:
        """Show the rules that move cameras."""


class PtzOverlay(QWidget):
    """Lies over one tile; `left` is told when the officer leaves the mode."""

    left = Signal()

    def __init__(
        self, holding: Holding, thumbnail: Callable[[str, str], tuple[QPixmap, str] | None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("ptzOverlay")
        self._holding = holding
        self._thumbnail = thumbnail
        self._sight: PtzSight | None = None
        self._shown: tuple[object, ...] = ()
        self.pad = PtzPad(holding, self)
        self.pad.key_pressed.connect(self._key)
        self.pad.refused.connect(self._refuse)
        self.status, self.asking, self.told, self.hint = QLabel(), QLabel(), QLabel(), QLabel()
        self.told.setObjectName("ptzTold")
        self.asking.setProperty("warning", True)
        for label in (self.status, self.asking, self.told, self.hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.take = _button(_("Take it (T)"), holding.take)
        self.over = _button(_("Take over… (O)"), holding.take_over)
        self.ask = _button(_("Ask for it (A)"), holding.ask)
        self.release = _button(_("Give back (G)"), holding.release)
        self.save = _button(_("Save preset (M)"), holding.save)
        self.home = _button(_("Home (H)"), self._go_home)
        self.patrol = _button(_("Patrol (Y)"), holding.patrol)
        self.rules = _button(_("Rules (R)"), holding.rules)
        self.leave = _button(_("Leave (Esc)"), self._leave)
        self.hand = _button("", self._hand)
        self.decline = _button(_("Decline"), self._decline)
        self.chips: list[QToolButton] = []
        self._lay_out()

    def _lay_out(self) -> None:
        self.bar = QFrame(self)
        self.bar.setObjectName("ptzBar")
        self.bar.setAutoFillBackground(True)
        self.bar.setFrameShape(QFrame.Shape.NoFrame)
        asked, first, second = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        asked.addWidget(self.asking, 1)
        for button in (self.hand, self.decline):
            asked.addWidget(button)
        first.addWidget(self.status, 1)
        for button in (self.take, self.release, self.ask, self.over, self.leave):
            first.addWidget(button)
        self.row = QHBoxLayout()
        self.row.setSpacing(4)
        second.addLayout(self.row)
        second.addStretch(1)
        for button in (self.home, self.save, self.patrol, self.rules):
            second.addWidget(button)
        self._column = column = QVBoxLayout(self.bar)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addLayout(asked)
        column.addLayout(first)
        column.addLayout(second)
        third = QHBoxLayout()
        third.setSpacing(16)
        third.addWidget(self.hint, 3)
        third.addWidget(self.told, 2)
        column.addLayout(third)

    def bar_height(self, width: int) -> int:
        """How high the bar is over so much width."""
        height = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else 0
        return max(height, self.bar.minimumSizeHint().height())

    def place(self, area: QRect, picture: QRectF) -> None:
        """Cover a tile's picture and the room below it (in the parent's units), where the bar lies."""
        is_wider = area.width() != self.width()
        self.setGeometry(area)
        if is_wider and self._sight is not None:
            self._show_chips(self._sight, self._sight.is_mine)
        self.pad.setGeometry(self.rect())
        height = self.bar_height(self.width())
        self.bar.setGeometry(0, self.height() - height, self.width(), height)
        self.pad.set_picture(picture.translated(-area.x(), -area.y()))
        self.bar.raise_()

    def show_sight(self, sight: PtzSight, clock: Callable[[object], str]) -> None:
        """Show how the camera stands now."""
        self._sight = sight
        mine = sight.is_mine
        self.pad.set_mode(
            is_steered=mine,
            is_digital=not sight.has_head,
            can_aim=sight.can(Ability.ABSOLUTE),
            has_iris=sight.can(Ability.IRIS),
        )
        words = standing(sight)
        if mine and sight.lease is not None and sight.lease.patrol is not None:
            words = _("{standing} · patrol goes on").format(standing=words)
        if sight.unit is not None and sight.unit.pose is not None and sight.has_head:
            words = _("{standing} · {zoom}×").format(standing=words, zoom=f"{sight.unit.pose.zoom:.1f}")
        elif not sight.has_head and self.pad.part.width() < 1.0:
            words = _("{standing} · {zoom}×").format(standing=words, zoom=f"{1 / self.pad.part.width():.1f}")
        self.status.setText(words)
        trouble = trouble_words(sight.unit) if sight.unit is not None else ""
        last = last_words(sight.act, clock(sight.act.at)) if sight.act is not None else ""
        self.told.setText(trouble or last)
        self.told.setProperty("severity", "bad" if trouble else "")
        self._show_buttons(sight, mine)
        self._show_chips(sight, mine)
        self._show_hint(sight, mine)

    def _show_buttons(self, sight: PtzSight, mine: bool) -> None:
        held = sight.lease is not None
        for button, wanted in (
            (self.take, sight.has_head and not held),
            (self.release, mine),
            (self.ask, held and not mine),
            (self.over, held and not mine),
            (self.home, mine and sight.can(Ability.HOME)),
            (self.save, mine and sight.can(Ability.PRESETS)),
            (self.patrol, mine and len(sight.presets) > 1),
            (self.rules, sight.has_head),
        ):
            button.setVisible(wanted)
            button.setEnabled(sight.is_live)
        patrolling = mine and sight.lease is not None and sight.lease.patrol is not None
        self.patrol.setText(_("End patrol (Y)") if patrolling else _("Patrol (Y)"))
        self.asking.setText(asking(sight))
        for each in (self.asking, self.hand, self.decline):
            each.setVisible(bool(sight.asks))
        if sight.asks:
            self.hand.setText(_("Hand to {officer} (Enter)").format(officer=sight.asks[0].officer))

    def _show_chips(self, sight: PtzSight, mine: bool) -> None:
        guard = "" if sight.unit is None else sight.unit.guard
        room = self._room_for_chips()
        shown = (sight.camera, sight.presets, mine, guard, room)
        if shown == self._shown:
            return
        self._shown = shown
        for chip in self.chips:
            self.row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = self._fitting_chips(sight, mine, guard, room)
        first = len(self.chips)
        if first < len(sight.presets):
            more = QToolButton(self.bar)
            more.setText(_("More"))
            more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            menu = QMenu(more)
            for place, preset in enumerate(sight.presets[first:], first):
                words = _("{number} {name}").format(number=place + 1, name=preset.name or preset.token)
                action = menu.addAction(words if place < KEYED else preset.name or preset.token)
                action.triggered.connect(_Going(self._holding, preset.token, menu).go)
            more.setMenu(menu)
            more.setEnabled(mine)
            self.chips.append(more)
        for chip in self.chips:
            self.row.addWidget(chip)

    def _room_for_chips(self) -> int:
        """Pixels beside the buttons of the row; the last 64 are those of "More"."""
        buttons = (each for each in (self.home, self.save, self.patrol, self.rules) if not each.isHidden())
        return self.width() - 16 - 64 - sum(each.sizeHint().width() + 8 for each in buttons)

    def _fitting_chips(self, sight: PtzSight, mine: bool, guard: str, room: int) -> list[QToolButton]:
        """As many presets as stand beside the buttons, one at the least; the rest are in the menu."""
        found: list[QToolButton] = []
        for place, preset in enumerate(sight.presets[:KEYED]):
            chip = self._chip(place, preset, mine, guard)
            room -= chip.sizeHint().width() + self.row.spacing()
            if room < 0 and found:
                chip.hide()
                chip.deleteLater()
                break
            found.append(chip)
        return found

    def _chip(self, place: int, preset: Preset, mine: bool, guard: str) -> QToolButton:
        name = preset.name or preset.token
        mark = _("{number} {name} (guard)") if preset.token == guard else _("{number} {name}")
        chip = QToolButton(self.bar)
        chip.setText(mark.format(number=place + 1, name=name))
        picture = self._thumbnail(self._sight.camera if self._sight is not None else "", name)
        told = _("Goes there; the right button renames, replaces, removes it or makes it the guard")
        if picture is not None:
            told = _("{told}\nThe picture is of {time}").format(told=told, time=picture[1])
            chip.setIcon(QIcon(picture[0]))
            chip.setIconSize(THUMB)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        chip.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
        chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        chip.setEnabled(mine)
        chip.setToolTip(told)
        going = _Going(self._holding, preset.token, chip, guard == preset.token)
        chip.clicked.connect(going.go)
        chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        chip.customContextMenuRequested.connect(going.menu)
        return chip

    def _show_hint(self, sight: PtzSight, mine: bool) -> None:
        if not sight.has_head:
            text = _("Wheel or + - enlarge, arrows move, a box enlarges, Esc leaves")
        elif mine and sight.can(Ability.ABSOLUTE):
            text = _("Arrows turn, + - or wheel zoom, click centres, box zooms, 1–9 presets, [ ] speed {speed}/{most}")
        elif mine:
            text = _("Arrows turn, + - or wheel zoom, 1–9 presets, [ ] speed {speed}/{most}; it knows no angles")
        else:
            text = _("Keys, wheel and clicks move nothing until you hold the camera")
        self.hint.setText(text.format(speed=self.pad.speed + 1, most=len(SPEEDS)))

    # ---- what keys and buttons mean

    def _key(self, key: int, modifiers: int) -> None:
        sight = self._sight
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif sight is None:
            return
        elif key == 0:
            self._show_hint(sight, sight.is_mine)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self._keyed_preset(sight, key - int(Qt.Key.Key_1))
        else:
            button = {
                int(Qt.Key.Key_T): self.take,
                int(Qt.Key.Key_G): self.release,
                int(Qt.Key.Key_A): self.ask,
                int(Qt.Key.Key_O): self.over,
                int(Qt.Key.Key_H): self.home,
                int(Qt.Key.Key_M): self.save,
                int(Qt.Key.Key_Y): self.patrol,
                int(Qt.Key.Key_R): self.rules,
                int(Qt.Key.Key_Return): self.hand,
                int(Qt.Key.Key_Enter): self.hand,
            }.get(key)
            if button is not None and not button.isHidden() and button.isEnabled():
                button.click()
            elif key == Qt.Key.Key_T and sight.is_mine:
                self._holding.take()

    def _keyed_preset(self, sight: PtzSight, place: int) -> None:
        if not sight.is_mine:
            self._refuse()
        elif place < len(sight.presets):
            self._holding.go(sight.presets[place].token)

    def _refuse(self) -> None:
        """Say why nothing moved."""
        if self._sight is None:
            return
        if self._sight.is_mine:
            self.told.setText(_("This camera cannot do this: steer it with the arrows."))
        else:
            self.told.setText(_("Nothing was moved: {standing}").format(standing=standing(self._sight)))

    def _leave(self) -> None:
        self.left.emit()

    def _go_home(self) -> None:
        self._holding.go(HOME)

    def _hand(self) -> None:
        if self._sight is not None and self._sight.asks:
            self._holding.answer(self._sight.asks[0].seat, True)

    def _decline(self) -> None:
        if self._sight is not None and self._sight.asks:
            self._holding.answer(self._sight.asks[0].seat, False)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the chips anew in another palette."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._shown = ()


class _Going(QObject):
    """What one preset's button does."""

    def __init__(self, holding: Holding, preset: str, parent: QObject, is_guard: bool = False) -> None:
        super().__init__(parent)
        self._holding = holding
        self._preset = preset
        self._is_guard = is_guard

    def go(self) -> None:
        """Go there."""
        self._holding.go(self._preset)

    def menu(self, _place: object = None) -> QMenu:
        """What else can be done with it."""
        owner = self.parent()
        assert isinstance(owner, QToolButton)
        menu = QMenu(owner)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Rename…"), self._rename)
        menu.addAction(_("Let it look where the camera looks now"), self._replace)
        menu.addAction(_("Guard: go back here when nobody holds the camera"), self._guard).setCheckable(True)
        menu.actions()[-1].setChecked(self._is_guard)
        menu.addAction(_("Remove"), self._remove)
        menu.popup(owner.mapToGlobal(owner.rect().topLeft()))
        return menu

    def _rename(self) -> None:
        self._holding.rename(self._preset)

    def _replace(self) -> None:
        self._holding.replace(self._preset)

    def _guard(self) -> None:
        self._holding.guard("" if self._is_guard else self._preset)

    def _remove(self) -> None:
        self._holding.remove(self._preset)


def _button(text: str, pressed: Callable[[], object]) -> QToolButton:
    """A button that leaves the focus with the picture."""
    button = QToolButton()
    button.setText(text)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.clicked.connect(pressed)
    return button
