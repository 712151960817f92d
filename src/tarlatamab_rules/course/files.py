"""A plan as files: a page, a picture, a calendar. All of them are made before the first one is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from errno import EEXIST
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.course.pictures import timeline
from tarlatamab_rules.views.html import html_page

if TYPE_CHECKING:
    from tarlatamab_rules.course.plan import CoursePlan

__all__ = ["calendar_file", "page_file", "picture_file", "write_files"]

_DRAWN: Final = {"png": {"Software": None}, "pdf": {"CreationDate": None, "Producer": None, "Creator": None}}
"""What matplotlib draws, without what differs from day to day."""


def page_file(plan: CoursePlan) -> bytes:
    """A page of HTML with the timeline and every line of the plan."""
    drawing = timeline(plan)
    page = html_page(plan, drawing.title)
    return page.replace("<body>", f'<body><div style="overflow-x:auto">{drawing.svg}</div>', 1).encode()


def picture_file(plan: CoursePlan, name: str) -> bytes:
    """The timeline as SVG, PNG or PDF, by the end of the name of its file. Only SVG does without the extra ``tarlatamab-rules[plot]``."""
    kind, drawing = Path(name).suffix.lower().removeprefix("."), timeline(plan)
    if kind == "svg":
        return drawing.svg.encode()
    if kind not in _DRAWN:
        raise FieldError("picture", f"no picture can be written to {name}", "use a name that ends in .svg, .png or .pdf")
    try:
        from tarlatamab_rules.course.plot import figure_of  # noqa: PLC0415  # an extra
    except ImportError as missing:
        raise FieldError("picture", str(missing), "or use a name that ends in .svg") from None
    written = BytesIO()
    figure_of(drawing).savefig(written, format=kind, metadata=_DRAWN[kind])
    return written.getvalue()


def calendar_file(plan: CoursePlan, plan_id: str, sequence: int) -> bytes:
    """The plan as a calendar, an ``.ics`` file. Needs the extra ``tarlatamab-rules[calendar]``."""
    try:
        from tarlatamab_rules.course.calendars import calendar  # noqa: PLC0415  # an extra
    except ImportError as missing:
        raise FieldError("ics", str(missing), "or leave it out") from None
    return calendar(plan, plan_id=plan_id, sequence=sequence)


def write_files(files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Writes each file whole or not at all.

    Args:
        files: The contents, by the name of the file.

        force: Whether a file that is there already is replaced.

    Raises:
        FileExistsError: A file is there already; then none is written.

        OSError: A file cannot be written; it is then as it was before.
    """
    for name in files:
        if os.path.lexists(name) and not force:
            raise FileExistsError(EEXIST, "is there already; pass --force to replace it", name)
    for name, content in files.items():
        _write(Path(name), content)


def _write(path: Path, content: bytes) -> None:
    """Writes a file beside its place, then moves it there."""
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from None
