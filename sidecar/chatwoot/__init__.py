"""Chatwoot: what its webhooks say, how its API is called, and how text is shaped for it."""
