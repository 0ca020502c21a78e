"""The control database: the Odoo that holds our addons and owns what people decide."""
