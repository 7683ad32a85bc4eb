"""The module finance."""
