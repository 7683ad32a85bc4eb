"""The module catalog."""
