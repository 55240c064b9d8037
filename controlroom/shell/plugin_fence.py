"""A fence round the Qt overrides of a plugin's classes, so that what they raise never reaches the binding.

PySide6 6.11 on Python 3.11 ends the process when an override that was reached through a call from Python raises an
exception that the interpreter itself made (`1 / 0`, `int("x")`). With the fence the plugin is stopped instead, and the
base class answers in its place.
"""

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject


def fence(package: str, root: QObject | None, failed: Callable[[BaseException], None]) -> None:
    """Fence every override in the loaded modules of a package and in the classes of a tree of objects.

    `failed` hears of each exception, in the thread that called the override. Fencing again changes nothing.
    """
    modules = [module for name, module in sys.modules.items() if name == package or name.startswith(f"{package}.")]
    classes = {cls for module in modules for cls in vars(module).values() if isinstance(cls, type)}
    if root is not None:
        for made in (root, *root.findChildren(QObject)):
            classes.update(type(made).__mro__)
    files = {str(module.__file__) for module in modules if module.__file__ is not None}
    for cls in classes:
        if issubclass(cls, QObject):
            _fence_class(cls, files, failed)


def _fence_class(cls: type[QObject], files: set[str], failed: Callable[[BaseException], None]) -> None:
    for name, member in list(vars(cls).items()):
        if not isinstance(member, types.FunctionType) or name == "__init__" or member.__code__.co_filename not in files:
            continue
        overridden = next((vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)), None)
        if _is_of_qt(overridden):
            setattr(cls, name, _fenced(member, cls, name, failed))


def _is_of_qt(member: object) -> bool:
    return member is not None and not isinstance(member, types.FunctionType) and callable(member)


def _fenced(
    method: Callable[..., Any], cls: type[QObject], name: str, failed: Callable[[BaseException], None]
) -> Callable[..., Any]:
    @functools.wraps(method)
    def guarded(self: QObject, *values: Any, **named: Any) -> Any:
        try:
            return method(self, *values, **named)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the border of a plugin's show
            failed(error)
        try:
            return getattr(super(cls, self), name)(*values, **named)
        except NotImplementedError:  # a pure virtual method has no base that could answer
            return None

    return guarded
