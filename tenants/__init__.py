"""Companies, their domains and provisioning."""
