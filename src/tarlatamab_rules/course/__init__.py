"""The whole course on a timeline: every dose with what goes before, with and after it. Asks the house, and nothing in it asks this."""
