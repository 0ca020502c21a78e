"""Chatwoot's side of the contract as a small server with a page, for demos and tests.

Loopback only. It keeps its state in one SQLite file and survives restarts.
"""

from sidecar.playground.app import create_app, serve

__all__ = ["create_app", "serve"]
