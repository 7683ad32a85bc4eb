"""The module purchasing."""
