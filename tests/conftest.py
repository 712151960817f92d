"""How the suite runs: the same examples every time, so that a failure is about the change in question.

``pytest`` alone looks at 20 examples a law. ``HYPOTHESIS_PROFILE`` names another profile: ``suite`` looks at 100, as CI does, ``ci`` at as
many new ones, and ``thorough`` at 3,000 new ones; these two print what runs a failure again.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import is_hypothesis_test, settings

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
