"""The module parties."""
