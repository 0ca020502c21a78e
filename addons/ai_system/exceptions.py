"""Errors of the addon that are neither Odoo's nor the transport's."""


class InvalidResult(Exception):
    """A result does not have the shape of docs/contracts.md. Its text names the first fault."""
