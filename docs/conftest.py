"""Runs the examples of the pages written by hand, and compares what they print."""

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["*.md"],
    excludes=["reference/*/*.md", "reference/grids.md", "reference/traceability*.md", "tutorials/*.md"],
).pytest()
