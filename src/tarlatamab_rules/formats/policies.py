"""A policy of one's own by its module and its name there."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from pathlib import Path

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, TarlatamabRulesError, UnknownRulebookError, meant, shown
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks._registry import resolve

__all__ = ["book_of", "policy_of"]

_LONGEST = 300
"""How many characters of an error of the module are printed."""


def book_of(name: str | None) -> Rulebook:
    """A rulebook by its name, or a policy of one's own as ``module:NAME``; the default book if left out.

    Raises:
        UnknownRulebookError: No book has this name.

        FieldError: As `policy_of`.
    """
    if name is not None and ":" in name:
        return policy_of(name)
    try:
        return resolve(name)
    except UnknownRulebookError as error:
        module = str(name).removesuffix(".py")
        example = module if module.isidentifier() else "policy"
        msg = f"{error}; write a policy of your own as MODULE:NAME, such as {example}:OURS"
        raise UnknownRulebookError(msg) from None


def policy_of(place: str) -> Rulebook:
    """The rulebook that ``module:NAME`` names.

    The module is imported from the current folder or the path of Python. *This runs its code*: name only a module that you trust. What it
    prints goes to the standard error.

    Args:
        place: The module and the name, as ``policy:OURS``.

    Raises:
        FieldError: There is no such module, it cannot be imported, or it has no such name.

        FieldTypeError: What it names is not a rulebook.
    """
    module, _, name = place.partition(":")
    if not name.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        raise FieldError("rulebook", f"{shown(place)} is not a module and a name", "write it like policy:OURS, for OURS in policy.py")
    names = vars(_imported(module))
    books = [known for known, value in names.items() if isinstance(value, Rulebook)]
    if name not in names:
        near = meant(name, books)
        fix = f"did you mean {near}?" if near else f"its rulebooks are {', '.join(books)}" if books else "it has no rulebook"
        raise FieldError("rulebook", f"{module} has no {name}", fix)
    if name not in books:
        fix = "name what rulebooks.default().overlay(...) gave"
        raise FieldTypeError("rulebook", f"{place} is of the type {type(names[name]).__name__}, and not a rulebook", fix)
    book: Rulebook = names[name]
    return book


def _imported(module: str) -> object:
    with _from_here(), redirect_stdout(sys.stderr):
        try:
            return import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise _broken(module, error) from error
            fix = f"run this in the folder of {module.partition('.')[0]}.py, or add that folder to PYTHONPATH"
            raise FieldError("rulebook", f"there is no module {module}", fix) from None
        except TarlatamabRulesError as error:
            raise FieldError("rulebook", f"{module} is refused", str(error)) from error
        except (Exception, SystemExit) as error:  # whatever the module does, it is not an error of this library
            raise _broken(module, error) from error


def _broken(module: str, error: BaseException) -> FieldError:
    what = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]
    return FieldError("rulebook", f"{module} cannot be imported: {what}", "correct it, and try it with python alone")


@contextmanager
def _from_here() -> Generator[None, None, None]:
    """The current folder in front of the path of Python, as with ``python -m``."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)
