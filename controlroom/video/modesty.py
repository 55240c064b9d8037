"""Lets the threads that paint and talk go before those that decode."""

import os
import sys
import threading


def be_modest(niceness: int) -> None:
    """Give way to others, where a thread has a niceness of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
