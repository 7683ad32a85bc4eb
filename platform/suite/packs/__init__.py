"""The module packs."""
