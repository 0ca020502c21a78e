"""The one door to data for crews and tools, and the record of what was read."""
