"""What a resource is: declared in about twenty lines, compiled once into a frozen Spec."""
