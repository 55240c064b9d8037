"""Help of what has the focus: which topic, which language, and the one window that shows it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from controlroom import i18n
from controlroom.bridge.handbook_search import HandbookSearch
from controlroom.domain.severity import Severity
from controlroom.handbook import tables
from controlroom.handbook.pages import KEYS_PAGE, KeyLine, handbook
from controlroom.i18n import _
from controlroom.shell.actions import keys_of
from controlroom.shell.panels import PanelBox
from widgets.help_link import TOPIC
from widgets.help_viewer import HelpViewer
from widgets.palette import Item

WORK_MS = 4
"""How long the pinyin of the pages may hold up the GUI at a time."""

FIRST = "shift"
"""The page that is shown where nothing else is known."""

Groups = Callable[[], Mapping[str, list[KeyLine]]]


def topic_of(widget: QWidget | None) -> str:
    """The topic of a widget: its own, or of the nearest around it that has one; by name, class or kind of panel."""
    held = tables.contents()
    while widget is not None:
        topic = str(widget.property(TOPIC) or "")
        if not topic:
            names = [kind.__name__ for kind in type(widget).__mro__]
            topic = next((held.widgets[name] for name in names if name in held.widgets), "")
        if not topic and isinstance(widget, PanelBox):
            kind = widget.panel.kind
            topic = held.panels.get(kind) or held.panels.get(f"{kind.partition(':')[0]}:", "")
        if topic:
            return topic
        widget = widget.parentWidget()
    return FIRST


def key_groups(
    actions: Iterable[QAction],
    panels: Mapping[str, Iterable[QAction]] | None = None,
    modes: Mapping[str, Iterable[tuple[str, str]]] | None = None,
) -> dict[str, list[KeyLine]]:
    """What every key does, by group: those of the room, of panels, and of modes."""
    groups: dict[str, list[KeyLine]] = {}
    for action in actions:
        line = KeyLine(action.text(), keys_of(action), action.statusTip())
        groups.setdefault(str(action.property("group")), []).append(line)
    for panel, held in (panels or {}).items():
        told = _("while the keyboard is in this panel")
        groups[panel] = [KeyLine(action.text(), keys_of(action), told) for action in held]
    for mode, keys in (modes or {}).items():
        groups[mode] = [KeyLine(deed, key, _("while this mode is open")) for key, deed in keys]
    return groups


class HelpDesk(QObject):
    """One viewer for the whole seat. `groups` tells all keys as they are now. GUI thread."""

    def __init__(self, groups: Groups, to_alarms: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups = groups
        self._to_alarms = to_alarms
        self._language = i18n.language()
        self._search: HandbookSearch | None = None
        self._counts: Mapping[Severity, int] = {}
        self.viewer: HelpViewer | None = None
        self._work = QTimer(self, interval=0)
        self._work.timeout.connect(self._work_on)

    def open_for(self, widget: QWidget | None) -> None:
        """Help of what has the focus."""
        viewer = self.viewer
        if viewer is not None and widget is not None and viewer.isAncestorOf(widget):
            viewer.open("help")
            return
        self.open(topic_of(widget))

    def open(self, topic: str) -> None:
        """Show a topic in front of everything else; the room goes on behind it."""
        viewer = self.viewer or self._make()
        if topic == KEYS_PAGE or not viewer.topic:
            self._fill(viewer)
        viewer.open(topic)
        viewer.show()
        viewer.raise_()
        viewer.activateWindow()
        viewer.paper.setFocus()

    def open_keys(self) -> None:
        """The list of all keys."""
        self.open(KEYS_PAGE)

    def set_counts(self, counts: Mapping[Severity, int]) -> None:
        """Alarms that wait, shown while somebody reads."""
        self._counts = dict(counts)
        if self.viewer is not None:
            self.viewer.counts.set_counts(self._counts)

    def items(self) -> Iterator[Item]:
        """Every section of every page, for the command bar."""
        for page in handbook(i18n.language()).pages:
            for section in page.sections:
                if section.level <= 2:
                    detail = page.title if section.title != page.title else ""
                    yield Item("help", section.topic, section.title, detail)

    def close(self) -> None:
        """Take the window away for good."""
        self._work.stop()
        if self.viewer is not None:
            self.viewer.close()
            self.viewer.deleteLater()
            self.viewer = None

    def _make(self) -> HelpViewer:
        viewer = HelpViewer(i18n.LANGUAGES)
        viewer.language_asked.connect(self._speak)
        viewer.alarms_asked.connect(self._to_alarms)
        viewer.counts.set_counts(self._counts)
        self.viewer = viewer
        return viewer

    def _fill(self, viewer: HelpViewer) -> None:
        book = handbook(self._language)
        keys = book.keys_page(self._groups() if self._language == i18n.language() else None)
        search = HandbookSearch(book, keys)
        self._search = search
        viewer.set_book(book.language, (*book.pages, keys), search.find)
        self._work.start()

    def _speak(self, language: str) -> None:
        self._language = language
        if self.viewer is not None:
            self._fill(self.viewer)

    def _work_on(self) -> None:
        if self._search is None or not self._search.work(WORK_MS / 1000):
            self._work.stop()
            if self.viewer is not None:
                self.viewer.refresh()


def focus_topic(desk: HelpDesk, action: QAction) -> None:
    """Open what a link asked this action for, else help of what has the focus."""
    topic = str(action.property(TOPIC) or "")
    action.setProperty(TOPIC, "")
    if topic:
        desk.open(topic)
    else:
        desk.open_for(QApplication.focusWidget())
