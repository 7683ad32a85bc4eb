"""The module sales."""
