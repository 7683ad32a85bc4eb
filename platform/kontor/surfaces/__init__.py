"""One file per surface built from a Spec."""
