"""The business of Kontor, one Django app a module, the same files in each."""
