"""Asynchronous work: message names and payloads, the broker, the actors."""
