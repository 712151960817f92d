"""How the suite runs: the same examples every time, so that a failure is about the change at hand.

``HYPOTHESIS_PROFILE=ci`` looks for as many new ones, and ``HYPOTHESIS_PROFILE=thorough`` for many; both print what runs a failure again.
"""

import os

from hypothesis import settings

settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("ci", derandomize=False, database=None, deadline=None, print_blob=True)
settings.register_profile("thorough", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
