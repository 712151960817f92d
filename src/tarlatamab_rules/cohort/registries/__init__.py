"""Four tables, one row a fact: what each dose sees, and each situation judged once."""
