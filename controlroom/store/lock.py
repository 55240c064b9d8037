"""One hub at a time writes a store: two would give the same sequence numbers to different events."""

import errno
import os
import time
from pathlib import Path

from controlroom.errors import StoreFault
from controlroom.i18n import _
from controlroom.store.journal import fault

try:
    import fcntl
except ImportError:  # pragma: no cover  # only POSIX has it; elsewhere the file is held open, which is all there is
    fcntl = None  # type: ignore[assignment]

_LOOK_S = 0.05


class StoreLock:
    """The right to write the store at `path`; it ends with `release` or with the process, also by `kill -9`.

    Waits up to `wait_s` for one that is just ending. Raises StoreFault: locked when another hub has the store.
    """

    def __init__(self, path: Path, wait_s: float = 3.0) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise fault(path, error) from error
        try:
            self._take(wait_s)
        except StoreFault:
            os.close(self._file)
            raise

    def release(self) -> None:
        """Let another hub have the store."""
        os.close(self._file)

    def _take(self, wait_s: float) -> None:
        until = time.monotonic() + wait_s
        while fcntl is not None:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    return None  # a file system without locks, such as some network shares
                if time.monotonic() > until:
                    sentence = _("Another hub has the store {path}; end that one, or name another folder with --home.")
                    raise StoreFault("locked", sentence.format(path=self._path)) from error
            time.sleep(_LOOK_S)
        return None
