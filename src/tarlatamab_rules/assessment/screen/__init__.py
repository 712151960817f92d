"""The first screen of an assessment: what to do, why, and what is missing, in the words of a ward."""

from tarlatamab_rules.assessment.screen.blocks import Block, Line, Screen
from tarlatamab_rules.assessment.screen.whole import MEANING, answer_screen, screen

__all__ = ["MEANING", "Block", "Line", "Screen", "answer_screen", "screen"]
