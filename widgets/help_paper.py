"""The paper of the handbook: one page of Markdown in the colours of the theme."""

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QKeyEvent,
    QPalette,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from controlroom.handbook.pages import Page

_LINE_PERCENT = 128
_SIZES = {1: 1.6, 2: 1.25, 3: 1.08}
_FOUND = QColor("#e9c46a")
_FOUND_TEXT = QColor("#1b1b1b")
_MOST_FOUND = 200
_LAST_PX = 120


class HelpPaper(QTextBrowser):
    """Shows pages; links are told, never followed. The arrows and Page keys scroll, Tab goes from link to link."""

    linked = Signal(str)
    """The target of a link as it stands in the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.document().setDocumentMargin(18)
        self.anchorClicked.connect(self._clicked)
        self._page: Page | None = None
        self._words: list[str] = []

    def show_page(self, page: Page) -> None:
        """Put a page on the paper, at its beginning."""
        self._page = page
        self._draw()

    def go_to(self, topic: str) -> None:
        """Bring the heading of a topic to the top."""
        blocks = self._headings()
        places = [n for n, section in enumerate(self._page.sections) if section.topic == topic] if self._page else []
        if places and places[0] < len(blocks):
            layout = self.document().documentLayout()
            # Texts are laid out late, and what is not laid out yet is not scrolled to.
            layout.frameBoundingRect(self.document().rootFrame())
            top = layout.blockBoundingRect(blocks[places[0]]).top()
            self.verticalScrollBar().setValue(int(top) - 8 if places[0] else 0)
            self.setTextCursor(QTextCursor(blocks[places[0]]))

    def topic_at_top(self) -> str:
        """The topic of the section that is read now."""
        if self._page is None or not self._page.sections:
            return ""
        layout, top = self.document().documentLayout(), self.verticalScrollBar().value() + 40
        shown = self._page.sections[0].topic
        for block, section in zip(self._headings(), self._page.sections, strict=False):
            if layout.blockBoundingRect(block).top() > top:
                break
            shown = section.topic
        return shown

    def mark_words(self, words: list[str]) -> None:
        """Mark where these words occur; an empty list marks none."""
        self._words = words
        found: list[QTextEdit.ExtraSelection] = []
        look = QTextCharFormat()
        look.setBackground(_FOUND)
        look.setForeground(_FOUND_TEXT)
        for word in words:
            cursor = QTextCursor(self.document())
            while len(found) < _MOST_FOUND:
                cursor = self.document().find(word, cursor)
                if cursor.isNull():
                    break
                selection = QTextEdit.ExtraSelection()
                selection.cursor = cursor
                selection.format = look
                found.append(selection)
        self.setExtraSelections(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Going back and forward is the viewer's: the browser has no history of its own."""
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
            event.ignore()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: the page is drawn anew where it was."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._page is not None:
            held = self.verticalScrollBar().value()
            self._draw()
            self.verticalScrollBar().setValue(held)

    def _draw(self) -> None:
        if self._page is None:
            return
        document = self.document()
        document.setDefaultFont(self.font())
        # Without HTML: a sentence with <name> in it would swallow what follows.
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
        document.setMarkdown(self._page.markdown, features)
        self._dress(document)
        self.mark_words(self._words)
        self.verticalScrollBar().setValue(0)

    def _dress(self, document: QTextDocument) -> None:
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        block = document.begin()
        while block.isValid():
            self._dress_block(block)
            block = block.next()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                self._dress_table(frame)
        cursor.endEditBlock()
        # Room below the last line, so that the last section, too, can be brought to the top.
        root = document.rootFrame().frameFormat()
        root.setBottomMargin(max(0, self.viewport().height() - _LAST_PX))
        document.rootFrame().setFrameFormat(root)
        document.setModified(False)

    def _dress_block(self, block: QTextBlock) -> None:
        level = block.blockFormat().headingLevel()
        cursor = QTextCursor(block)
        look = QTextBlockFormat()
        look.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        in_table = cursor.currentTable() is not None
        if level:
            look.setTopMargin({1: 0, 2: 18}.get(level, 12))
            look.setBottomMargin(6)
        elif not in_table and block.textList() is None:
            in_code = block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)
            ends = not block.next().blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)
            look.setBottomMargin(8 if not in_code or ends else 0)
            look.setTopMargin(0)
        cursor.mergeBlockFormat(look)
        if level:
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            text = QTextCharFormat()
            text.setFontPointSize(self.font().pointSizeF() * _SIZES.get(level, 1.0))
            text.setFontWeight(QFont.Weight.DemiBold)
            cursor.mergeCharFormat(text)
        for fragment in _fragments(block):
            if fragment.charFormat().fontFixedPitch():
                self._dress_code(fragment.position(), fragment.length())

    def _dress_code(self, position: int, length: int) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        look.setBackground(self.palette().brush(QPalette.ColorRole.Button))
        look.setFontFamilies(["monospace", *self.font().families()])
        cursor.mergeCharFormat(look)

    def _dress_table(self, table: QTextTable) -> None:
        line = self.palette().brush(QPalette.ColorRole.Mid)
        look = table.format().toTableFormat()
        look.setBorderCollapse(True)
        look.setBorder(1)
        look.setBorderBrush(line)
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setCellPadding(5)
        look.setCellSpacing(0)
        look.setTopMargin(4)
        look.setBottomMargin(12)
        look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        columns = table.columns()
        shares = {2: (32, 68), 3: (34, 22, 44), 4: (22, 16, 31, 31)}.get(columns, (100 // columns,) * columns)
        look.setColumnWidthConstraints(
            [QTextLength(QTextLength.Type.PercentageLength, float(share)) for share in shares]
        )
        table.setFormat(look)
        raised = QBrush(self.palette().color(QPalette.ColorRole.Button))
        for column in range(columns):
            cell = table.cellAt(0, column)
            held = cell.format().toTableCellFormat()
            held.setBackground(raised)
            cell.setFormat(held)

    def _headings(self) -> list[QTextBlock]:
        found = []
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and block.text():
                found.append(block)
            block = block.next()
        return found

    def _clicked(self, target: QUrl) -> None:
        self.linked.emit(target.toString())


def _fragments(block: QTextBlock) -> list:  # type: ignore[type-arg]  # QTextFragment is not exported by every stub
    held = []
    place = block.begin()
    while not place.atEnd():
        fragment = place.fragment()
        if fragment.isValid():
            held.append(fragment)
        place += 1
    return held
