"""So many at one time, and some before others."""

import threading

from controlroom.video.slot import Places
from tests.rooms import wait_until


def test_never_more_are_inside_than_there_are_places() -> None:
    places, inside, most = Places(2), [0], [0]
    lock, go = threading.Lock(), threading.Event()

    def enter() -> None:
        with places.turn():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            go.wait(10.0)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: inside[0] == 2)
    go.set()
    for thread in threads:
        thread.join()
    assert most[0] == 2 and inside[0] == 0


def test_who_is_first_goes_before_those_who_waited_longer() -> None:
    places, order = Places(1), list[str]()
    held = places.turn()
    held.__enter__()
    threads = []
    for name in ("a", "b", "must-watch"):
        turn = places.turn()
        turn.is_first = name == "must-watch"

        def enter(turn=turn, name=name) -> None:
            with turn:
                order.append(name)

        threads.append(threading.Thread(target=enter))
        threads[-1].start()
        wait_until(lambda: len(places._first) + len(places._others) == len(threads))
    held.__exit__()
    for thread in threads:
        thread.join()
    assert order == ["must-watch", "a", "b"]


def test_a_place_is_free_again_after_a_failure() -> None:
    places = Places(1)
    turn = places.turn()
    for _attempt in range(3):
        try:
            with turn:
                raise ValueError
        except ValueError:
            continue
    with turn:
        pass
