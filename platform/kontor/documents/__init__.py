"""Records and documents, their lifecycle, the write gate, numbering, conversion."""
