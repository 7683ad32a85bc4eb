"""What the pages of one record are made of: read from the Spec, shown by templates/kontor/record."""
