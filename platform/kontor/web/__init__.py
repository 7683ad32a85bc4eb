"""The shell that people see."""
