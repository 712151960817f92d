"""How a synthetic registry is made: courses, results and events. The numbers here make it plausible; no rule uses them."""
