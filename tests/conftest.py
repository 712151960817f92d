"""How the suite runs: the same examples every time, so that a failure is about the change in question.

``pytest`` alone looks at 20 examples a law. ``HYPOTHESIS_PROFILE`` names another profile: ``suite`` looks at 100, as CI does, ``ci`` at as
many new ones, and ``thorough`` at 3,000 new ones; these two print what runs a failure again.

Hypothesis also draws constants from the modules of the project that are loaded. So every module is loaded first: otherwise the examples of
a law would depend on the tests that ran before it.
"""

from __future__ import annotations

import os
import pkgutil
from importlib import import_module

import pytest
from hypothesis import is_hypothesis_test, settings

import tarlatamab_rules

for module in pkgutil.walk_packages(tarlatamab_rules.__path__, "tarlatamab_rules."):
    import_module(module.name)

settings.register_profile("quick", max_examples=20, derandomize=True, deadline=None)
settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("ci", derandomize=False, database=None, deadline=None, print_blob=True)
settings.register_profile("thorough", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the laws, so that ``-m law`` runs them alone."""
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker(pytest.mark.law)
