"""The command line behind ``./kontor``; ``main`` runs inside the project's environment."""
