"""The rulebooks by name: `get`, `names`, `default`; `in_force` by date; and `strictest` of several."""

from tarlatamab_rules.rulebooks._book import strictest
from tarlatamab_rules.rulebooks._names import names
from tarlatamab_rules.rulebooks._registry import default, get, in_force

__all__ = ["default", "get", "in_force", "names", "strictest"]
