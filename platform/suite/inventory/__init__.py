"""The module inventory."""
