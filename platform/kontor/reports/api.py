"""Declared reports for modules (declare, drill) and surfaces (list, run, write)."""

from kontor.reports.declaration import (
    Column,
    Drill,
    Line,
    Parameter,
    Report,
    Table,
    as_of_parameter,
    span_parameters,
)
from kontor.reports.registry import allowed, get, report, reports, reports_for
from kontor.reports.running import Result, run, total_line
from kontor.reports.workbook import FORMATS, write

__all__ = [
    "FORMATS",
    "Column",
    "Drill",
    "Line",
    "Parameter",
    "Report",
    "Result",
    "Table",
    "allowed",
    "as_of_parameter",
    "get",
    "report",
    "reports",
    "reports_for",
    "run",
    "span_parameters",
    "total_line",
    "write",
]
