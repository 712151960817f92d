"""How the suite runs: the same examples every time, so that a failure is about the change at hand."""

from hypothesis import settings

settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("suite")
