"""Memory that two processes share; it has no name, so nothing is left of it when both are gone, however they went."""

import mmap
import os
import sys

if sys.platform == "linux":
    import fcntl

PAGE = mmap.PAGESIZE


def create(size: int) -> int:
    """A descriptor of `size` bytes of zeros that can neither grow nor shrink. Raises OSError."""
    if sys.platform != "linux":
        raise OSError("this system has no memory without a name")
    descriptor = os.memfd_create("controlroom-video", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, size)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def mapped(descriptor: int) -> memoryview:
    """The whole memory behind a descriptor, mapped as long as somebody refers to it. Raises OSError, ValueError."""
    return memoryview(mmap.mmap(descriptor, 0))
