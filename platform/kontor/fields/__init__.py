"""Dictionaries: the choice lists that a company edits."""
