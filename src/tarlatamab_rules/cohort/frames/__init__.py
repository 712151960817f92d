"""One row a dose: each row as codes, and each combination of codes answered once."""
