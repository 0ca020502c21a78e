"""An Odoo without our addons, read through its standard models."""
