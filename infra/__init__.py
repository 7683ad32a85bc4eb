"""What runs Kontor on a machine: the set-up, the embedded services, the front-end files."""
