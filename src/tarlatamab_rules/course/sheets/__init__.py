"""Pages to print: the checklist of a dose, the card for a first sign during the infusion, and the preparation sheet."""
