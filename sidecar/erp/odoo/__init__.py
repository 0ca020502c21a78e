"""The tenant's Odoo as an ERP."""
