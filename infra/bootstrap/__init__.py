"""From a bare Python to the project's own environment; standard library only."""
