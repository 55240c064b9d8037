"""A process that watches a stream, tells the processes that decode it, and then waits to be killed."""

import sys
import threading

from controlroom.clock import SystemClock
from controlroom.video.fleet import Fleet
from tests.rooms import wait_until

if __name__ == "__main__":
    fleet = Fleet(SystemClock())
    fleet.start()
    feed = fleet.watch(sys.argv[1])
    feed.want(320, 180)
    wait_until(lambda: feed.view().is_live)
    sys.stdout.write(" ".join(map(str, fleet.pids)) + "\n")
    sys.stdout.flush()
    threading.Event().wait()
