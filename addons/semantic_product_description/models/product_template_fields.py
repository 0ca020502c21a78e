"""Which fields of a product a text may read, and which it may fill."""

from odoo import api, models

# Cost prices, vendors, internal notes and what is said to colleagues are nobody's reading matter.
NEVER = frozenset(
    {
        "standard_price",
        "description",
        "description_purchase",
        "description_picking",
        "description_pickingin",
        "description_pickingout",
        "display_name",
        "id",
        "purchase_line_warn_msg",
        "sale_line_warn_msg",
        "seller_ids",
        "responsible_id",
        "write_uid",
        "create_uid",
        "service_tracking",
    }
)
PLAIN = ("char", "text", "html", "float", "monetary", "integer", "selection", "boolean", "date")
# Links whose names say something about the product itself.
LINKS = frozenset({"uom.uom", "res.country", "product.tag", "product.public.category"})
TEXTS = ("char", "text", "html")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    @api.model
    def _ai_is_source(self, field):
        """True for a field whose value may be told as a fact."""
        if field.name in NEVER or field.groups or field.company_dependent:
            return False
        if field.name.startswith(("ai_", "message_", "activity_", "property_", "image_")):
            return False
        if field.type in ("many2one", "many2many"):
            return field.comodel_name in LINKS
        # What is computed from the only variant (codes, weight) is not stored, but has an inverse.
        return field.type in PLAIN and bool(field.store or field.inverse)

    @api.model
    def _ai_is_target(self, field):
        """True for a text that may be written on approval: never a name or an internal note."""
        return (
            self._ai_is_source(field)
            and field.type in TEXTS
            and bool(field.translate)
            and field.name != "name"
            and not field.readonly
        )

    @api.model
    def _ai_may_tell(self, name):
        return name in self._fields and self._ai_is_source(self._fields[name])

    @api.model
    def _ai_may_fill(self, name):
        return name in self._fields and self._ai_is_target(self._fields[name])

    @api.model
    def _ai_field_labels(self, use):
        """Return [(name, label)] of the fields for `use`, "source" or "target", by label."""
        fits = self._ai_is_source if use == "source" else self._ai_is_target
        # Not by fields_get, which costs a millisecond: each text that is written asks.
        told = [
            (name, field._description_string(self.env))
            for name, field in self._fields.items()
            if fits(field)
        ]
        return sorted(told, key=lambda pair: pair[1].casefold())
