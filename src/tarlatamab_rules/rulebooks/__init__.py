"""The rulebooks by name: `get`, `names`, `default`; and `in_force` by date."""

from tarlatamab_rules.rulebooks._registry import default, get, in_force, names

__all__ = ["default", "get", "in_force", "names"]
