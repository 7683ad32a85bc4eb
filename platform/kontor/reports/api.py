"""Declared reports for modules (declare, drill) and surfaces (list, run, write)."""

from kontor.reports.declaration import (
    Column,
    Drill,
    Line,
    Parameter,
    Report,
    Table,
)
from kontor.reports.period import BALANCE, FLOW, OUTLOOK, before
from kontor.reports.registry import allowed, get, report, reports, reports_for
from kontor.reports.running import EXTRAS, Result, run, total_line
from kontor.reports.workbook import FORMATS, write

__all__ = [
    "BALANCE",
    "EXTRAS",
    "FLOW",
    "FORMATS",
    "OUTLOOK",
    "Column",
    "Drill",
    "Line",
    "Parameter",
    "Report",
    "Result",
    "Table",
    "allowed",
    "before",
    "get",
    "report",
    "reports",
    "reports_for",
    "run",
    "total_line",
    "write",
]
