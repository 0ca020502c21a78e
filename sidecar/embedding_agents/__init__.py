"""What is said to the index about a record, per kind of content."""
