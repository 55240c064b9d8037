"""Cards and notices."""

from pytestqt.qtbot import QtBot

from controlroom.i18n import set_language
from widgets.card import Card
from widgets.notice import Notice


def test_a_card_tells_what_happened_and_offers_a_restart(qtbot: QtBot) -> None:
    card = Card("<b>Title</b>", "It did not work.", "Traceback\n" + "x" * 50_000)
    qtbot.addWidget(card)
    card.show()
    assert card.title.text() == "<b>Title</b>"
    assert not card.details.isVisible()
    card.more.click()
    assert card.details.isVisible()
    assert len(card.details.toPlainText()) <= 20_000
    with qtbot.waitSignal(card.restarted):
        card.restart.click()


def test_a_card_without_details_or_restart_shows_neither_button(qtbot: QtBot) -> None:
    card = Card("Title", "It did not work.", restartable=False)
    qtbot.addWidget(card)
    card.show()
    assert not card.more.isVisible()
    assert not card.restart.isVisible()


def test_a_notice_shows_the_newest_sentence_once_until_it_is_dismissed(qtbot: QtBot) -> None:
    set_language("en")
    notice = Notice()
    qtbot.addWidget(notice)
    assert notice.isHidden()
    for sentence in ("one", "two", "one"):
        notice.tell(sentence)
    assert notice.label.text() == "one"
    assert notice.dismiss.text() == "Dismiss (+1)"
    notice.dismiss.click()
    assert notice.label.text() == "two"
    notice.take_back("two")
    assert notice.isHidden()
    notice.dismiss.click()
