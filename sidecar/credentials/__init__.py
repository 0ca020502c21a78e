"""Secrets at rest and how a reference becomes a value."""
