"""Branches, departments, positions, employees."""
