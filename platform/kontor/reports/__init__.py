"""Declared reports."""
