"""What exists: sheets to records, records to a graph. Pure."""
