import random

from controlroom.video.retry import delay_s


def test_the_first_attempt_comes_soon_and_later_ones_at_most_every_few_seconds() -> None:
    chance = random.Random(1)
    assert delay_s(1, False, chance) < 0.35
    assert all(delay_s(n, False, chance) <= 6.25 for n in range(1, 200))


def test_a_refused_stream_is_tried_less_often() -> None:
    chance = random.Random(1)
    assert all(20.0 < delay_s(n, True, chance) <= 37.5 for n in range(8, 100))


def test_streams_lost_together_do_not_come_back_together() -> None:
    chance = random.Random(1)
    assert len({round(delay_s(4, False, chance), 3) for _ in range(36)}) > 30
