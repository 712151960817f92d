"""FHIR R4. `read` makes a case with a report; `needs` says what is read. Modules beside it write forms and guidance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.formats.fhir.reader import read as read
    from tarlatamab_rules.formats.fhir.report import Entry as Entry
    from tarlatamab_rules.formats.fhir.report import Fate as Fate
    from tarlatamab_rules.formats.fhir.report import Imported as Imported
    from tarlatamab_rules.formats.fhir.report import ImportReport as ImportReport
    from tarlatamab_rules.formats.fhir.requirements import Need as Need
    from tarlatamab_rules.formats.fhir.requirements import Needs as Needs
    from tarlatamab_rules.formats.fhir.requirements import needs as needs

if not TYPE_CHECKING:
    _HOMES = {
        "formats.fhir.reader": "read",
        "formats.fhir.report": "Entry Fate ImportReport Imported",
        "formats.fhir.requirements": "Need Needs needs",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
