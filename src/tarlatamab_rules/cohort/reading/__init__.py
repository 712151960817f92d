"""Columns of any library, read: tables, days and times, numbers to 15 digits."""
