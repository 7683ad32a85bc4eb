"""Print: a module's function gives a Sheet of words, one typst template sets it, a PDF comes out."""

from kontor.surfaces.printing.registry import Printout, printout, printouts
from kontor.surfaces.printing.render import Paper, paper, render_pdf
from kontor.surfaces.printing.sheet import Block, Cell, Column, Fact, Note, Sheet, Total

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Fact",
    "Note",
    "Paper",
    "Printout",
    "Sheet",
    "Total",
    "paper",
    "printout",
    "printouts",
    "render_pdf",
]
