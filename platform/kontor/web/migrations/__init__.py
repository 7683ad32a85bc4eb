"""Migrations of kontor.web."""
