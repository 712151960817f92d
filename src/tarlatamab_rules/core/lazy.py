"""Public modules whose names load on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["face"]


def face(
    module: dict[str, Any], homes: Mapping[str, str], extra: str = "", **made: Callable[[], object]
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """The `__all__`, `__getattr__` and `__dir__` of a public module.

    Args:
        module: The globals of the module. A name that was loaded is kept there.

        homes: Module of the package to the names that it defines, separated by spaces.

        extra: The extra that installs what these names need, if any. A package that is missing is then an `ImportError` that says so.

        made: Names that stand in no other module, and how to make them.
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}
    names = sorted([*home_of, *made])

    def home(name: str) -> object:
        try:
            return import_module(f"tarlatamab_rules.{home_of[name]}")
        except ModuleNotFoundError as missing:
            if not extra:
                raise
            package = str(missing.name).partition(".")[0]
            msg = f"{module['__name__']}.{name} needs {package}: pip install 'tarlatamab-rules[{extra}]'"
            raise ImportError(msg, name=missing.name) from missing

    def load(name: str) -> object:
        if name in home_of:
            value: object = getattr(home(name), name)
        elif name in made:
            value = made[name]()
        else:
            msg = f"module {module['__name__']!r} has no attribute {name!r}"
            raise AttributeError(msg)
        module[name] = value
        return value

    return names, load, lambda: list(names)
