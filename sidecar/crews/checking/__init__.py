"""What an answer says is held against what was read for it, kind by kind, before it is posted."""
