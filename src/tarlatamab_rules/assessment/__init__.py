"""May this dose be given? Every rule asked of one case, and one verdict."""

from tarlatamab_rules.assessment.accounts import Accounted, Fate
from tarlatamab_rules.assessment.assess import DISCLAIMER, DoseAssessment, assess_case, assess_dose
from tarlatamab_rules.assessment.votes import AssessedLab, AssessedToxicity, Vote

__all__ = ["DISCLAIMER", "Accounted", "AssessedLab", "AssessedToxicity", "DoseAssessment", "Fate", "Vote", "assess_case", "assess_dose"]
