"""Grades of a long table of results."""
