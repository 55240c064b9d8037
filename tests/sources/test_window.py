from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from controlroom.sources.spool import MemorySpool
from controlroom.sources.window import Verdict, Window
from controlroom.wire.messages import Acknowledgement, Refusal, Refused


def ack(seq: int, *, expected: int = 0, code: Refusal | None = None) -> Acknowledgement:
    refused = (Refused(code=code, text="x"),) if code else ()
    return Acknowledgement(seq=seq, accepted=0 if code or expected else 1, expected=expected, refused=refused)


def filled(count: int) -> MemorySpool:
    spool = MemorySpool()
    for n in range(count):
        spool.put(bytes([n]))
    return spool


def test_the_first_handover_goes_alone_and_the_window_opens_with_progress() -> None:
    window = Window(filled(20), size=4)
    assert [s for s, _ in window.due(0)] == [1]
    window.take(ack(1), 0)
    assert [s for s, _ in window.due(0)] == [2, 3]
    window.take(ack(3), 0)
    assert [s for s, _ in window.due(0)] == [4, 5, 6, 7]


def test_answers_to_the_rest_of_a_window_do_not_send_it_again_each() -> None:
    window = Window(filled(20), size=8)
    window.due(0)
    window.take(ack(1), 0)
    window.due(0)
    window.take(ack(3), 0)
    assert [s for s, _ in window.due(0)] == [4, 5, 6, 7]
    assert window.take(ack(5, expected=4), 0).verdict is Verdict.REWOUND
    assert window.take(ack(6, expected=4), 0).verdict is Verdict.STRAY
    assert [s for s, _ in window.due(0)][:2] == [4, 5]
    assert window.take(ack(7, expected=4), 0).verdict is Verdict.STRAY


def test_silence_makes_the_source_more_patient() -> None:
    window = Window(filled(2), ack_timeout_s=2)
    window.due(0)
    assert not window.expired(1.9)
    assert window.expired(2)
    window.rewind(patient=True)
    window.due(2)
    assert not window.expired(5.9)
    assert window.expired(6)


def test_a_hub_with_another_memory_is_believed_on_the_second_connection() -> None:
    spool = filled(6)
    window = Window(spool)
    window.due(0)
    window.take(ack(1), 0)
    window.due(0)
    assert window.take(ack(2, expected=1), 0).verdict is Verdict.CONTRADICTED
    assert not window.contradicted
    window.rewind()
    window.due(0)
    window.take(ack(2, expected=1), 0)
    assert window.contradicted


def test_an_answer_to_what_was_never_sent_means_nothing() -> None:
    window = Window(filled(6))
    window.due(0)
    assert window.take(ack(5), 0).verdict is Verdict.STRAY
    assert window.take(ack(0), 0).verdict is Verdict.STRAY


class LossyWire(RuleBasedStateMachine):
    """A source, a wire that loses what it likes, and a hub that dies; the records are their own numbers."""

    lenient = False

    def __init__(self) -> None:
        super().__init__()
        self.spool = MemorySpool()
        self.window = Window(self.spool, size=8, ack_timeout_s=2)
        self.now = 0.0
        self.accepted = 0
        self.there: list[tuple[int, bytes]] = []
        self.back: list[Acknowledgement] = []
        self.cursor: int | None = None
        self.hub: list[int] = []

    @rule(count=st.integers(1, 6))
    def accept(self, count: int) -> None:
        for _ in range(count):
            self.spool.put(str(self.accepted).encode())
            self.accepted += 1

    @rule()
    def send(self) -> None:
        self.there += self.window.due(self.now)

    @rule(count=st.integers(1, 8))
    def deliver(self, count: int) -> None:
        for _ in range(min(count, len(self.there))):
            self.back.append(self.hub_takes(*self.there.pop(0)))

    @rule(count=st.integers(1, 8))
    def answer(self, count: int) -> None:
        for _ in range(min(count, len(self.back))):
            if self.window.take(self.back.pop(0), self.now).verdict is Verdict.CONTRADICTED:
                self.new_connection()
                return

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def lose_a_handover(self, data: st.DataObject) -> None:
        self.there.pop(data.draw(st.integers(0, len(self.there) - 1)))

    @precondition(lambda self: self.back)
    @rule(data=st.data())
    def lose_an_answer(self, data: st.DataObject) -> None:
        self.back.pop(data.draw(st.integers(0, len(self.back) - 1)))

    @precondition(lambda self: self.back)
    @rule(data=st.data())
    def repeat_an_answer(self, data: st.DataObject) -> None:
        self.back.append(self.back[data.draw(st.integers(0, len(self.back) - 1))])

    @rule(arrived=st.integers(0, 8))
    def break_the_connection(self, arrived: int) -> None:
        for _ in range(min(arrived, len(self.there))):
            self.hub_takes(*self.there.pop(0))
        self.new_connection()

    @rule()
    def restart_the_source(self) -> None:
        self.window = Window(self.spool, size=8, ack_timeout_s=2)
        self.there, self.back = [], []

    @rule(seconds=st.floats(0, 3))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        if self.window.expired(self.now):
            self.new_connection()

    def new_connection(self) -> None:
        self.there, self.back = [], []
        self.window.rewind()

    def hub_takes(self, seq: int, body: bytes) -> Acknowledgement:
        expected = seq if self.cursor is None and self.lenient else (self.cursor or 0) + 1
        if seq > expected:
            return ack(seq, expected=expected, code=Refusal.OUT_OF_ORDER)
        if seq < expected:
            return Acknowledgement(seq=seq, accepted=0, duplicate=True)
        self.cursor = seq
        self.hub.append(int(body))
        return ack(seq)

    @invariant()
    def the_hub_has_the_first_records_once_and_in_order(self) -> None:
        assert self.hub == list(range(len(self.hub)))
        assert not self.window.contradicted

    @invariant()
    def nothing_is_forgotten_that_the_hub_lacks(self) -> None:
        assert self.spool.confirmed <= len(self.hub)

    def teardown(self) -> None:
        for _ in range(1000):
            if self.spool.confirmed == self.spool.last:
                break
            self.send()
            self.deliver(8)
            self.answer(8)
            self.time_passes(2.5)
        assert self.hub == list(range(self.accepted))


class LossyWireToALenientHub(LossyWire):
    """This hub takes any number as the first of a session that it does not know."""

    lenient = True


TestLossyWire = LossyWire.TestCase
TestLossyWire.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestLossyWireToALenientHub = LossyWireToALenientHub.TestCase
TestLossyWireToALenientHub.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
