"""The whole course on a timeline: every dose with what goes before, with and after it. Asks the house, and nothing in it asks this.

- `plan_course`, `replan`: in `tarlatamab_rules` itself.
- `checklist_page`, `first_sign_card`, `preparation_sheet`: pages to print.
- `calendar`: a plan as an iCalendar file. Needs the extra ``tarlatamab-rules[calendar]``.

Names load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.course.calendars import calendar as calendar
    from tarlatamab_rules.course.sheets.checklist import checklist_page as checklist_page
    from tarlatamab_rules.course.sheets.first_sign import first_sign_card as first_sign_card
    from tarlatamab_rules.course.sheets.parts import SheetBlock as SheetBlock
    from tarlatamab_rules.course.sheets.parts import SheetCite as SheetCite
    from tarlatamab_rules.course.sheets.parts import SheetLine as SheetLine
    from tarlatamab_rules.course.sheets.parts import SheetTable as SheetTable
    from tarlatamab_rules.course.sheets.preparation import preparation_sheet as preparation_sheet
    from tarlatamab_rules.course.sheets.sheet import Sheet as Sheet

if not TYPE_CHECKING:
    _HOMES = {
        "course.calendars": "calendar",
        "course.sheets.checklist": "checklist_page",
        "course.sheets.first_sign": "first_sign_card",
        "course.sheets.parts": "SheetBlock SheetCite SheetLine SheetTable",
        "course.sheets.preparation": "preparation_sheet",
        "course.sheets.sheet": "Sheet",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)
