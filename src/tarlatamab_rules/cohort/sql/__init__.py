"""A book inside of a database, as SQL."""
