"""ChatwootAI's sidecar: the machines beside Odoo (webhooks, crews, search, jobs)."""

__version__ = "0.1.0"
