"""Calls of public methods of an Odoo: one client, two protocols behind it."""

from sidecar.odoo_rpc.client import OdooRpc
from sidecar.odoo_rpc.faults import NoSuchMethod

__all__ = ["NoSuchMethod", "OdooRpc"]
