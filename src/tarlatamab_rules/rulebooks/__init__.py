"""The rulebooks by name: `get`, `names` and `default`."""

from tarlatamab_rules.rulebooks._registry import default, get, names

__all__ = ["default", "get", "names"]
