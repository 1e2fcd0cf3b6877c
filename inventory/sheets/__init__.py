"""The sheets that people fill in: their columns, from cells to records, from records to cells. Pure."""
