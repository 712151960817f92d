"""FHIR R4. `read` makes a case with a report; `needs` says what is read. Modules beside it write forms and guidance."""

from tarlatamab_rules.formats.fhir.needs import Need, Needs, needs
from tarlatamab_rules.formats.fhir.read import read
from tarlatamab_rules.formats.fhir.report import Entry, Fate, Imported, ImportReport

__all__ = ["Entry", "Fate", "ImportReport", "Imported", "Need", "Needs", "needs", "read"]
