"""Pure rules of the catalogue: units, prices, taxes; no database."""
