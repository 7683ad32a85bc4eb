"""Import and export: files of people and programs into the write gate, and lists out again."""
