"""The root that integrators see."""
