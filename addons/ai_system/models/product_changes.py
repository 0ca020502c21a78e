"""Changes of products, of what describes them and of their stock, noted for the AI service."""

from odoo import api, models

PRODUCT_FIELDS = frozenset(
    {
        "active",
        "attribute_line_ids",
        "barcode",
        "categ_id",
        "company_id",
        "default_code",
        "description_sale",
        "is_storable",
        "list_price",
        "name",
        "product_tag_ids",
        "sale_ok",
        "type",
    }
)


class NotesProductChanges(models.AbstractModel):
    """A model whose changes are changes of products. Heirs name the fields that matter."""

    _name = "ai.notes.product.changes"
    _description = "Notes Changes of Products"

    # Only these are told apart from what no customer sees: sequences, colors, costs, notes.
    _ai_noted_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._note_ai_change()
        return records

    def write(self, vals):
        matters = bool(self._ai_noted_fields & vals.keys())
        if matters:
            self._note_ai_change()
        return super().write(vals)

    def unlink(self):
        self._note_ai_removal()
        return super().unlink()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        if field_name in self._ai_noted_fields:
            self._note_ai_change()
        return super()._update_field_translations(field_name, translations, digest, source_lang)

    def _note_ai_change(self):
        self.env["ai.product.sync"]._note_change(self._name, self.ids)

    def _note_ai_removal(self):
        """Mark at once: afterwards nothing tells which products these belonged to."""
        self._note_ai_change()
        # Sudo: as in _note_change.
        self.env["ai.product.sync"].sudo()._mark_noted()


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "ai.notes.product.changes"]

    _ai_noted_fields = PRODUCT_FIELDS


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset(
        {"active", "barcode", "default_code", "product_template_attribute_value_ids"}
    )


class ProductCategory(models.Model):
    _name = "product.category"
    _inherit = ["product.category", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset({"name", "parent_id"})


class ProductTag(models.Model):
    _name = "product.tag"
    _inherit = ["product.tag", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset({"name", "product_template_ids"})

    def _note_ai_change(self):
        # Those that are about to lose the tag are not found by it afterwards.
        products = self.product_template_ids
        self.env["ai.product.sync"]._note_change(products._name, products.ids)
        return super()._note_ai_change()


class ProductAttribute(models.Model):
    _name = "product.attribute"
    _inherit = ["product.attribute", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset({"name"})


class ProductAttributeValue(models.Model):
    _name = "product.attribute.value"
    _inherit = ["product.attribute.value", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset({"name"})


class ProductTemplateAttributeLine(models.Model):
    _name = "product.template.attribute.line"
    _inherit = ["product.template.attribute.line", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset({"active", "attribute_id", "value_ids"})


class ProductTemplateAttributeValue(models.Model):
    _name = "product.template.attribute.value"
    _inherit = ["product.template.attribute.value", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset({"price_extra", "ptav_active"})


class StockQuant(models.Model):
    _name = "stock.quant"
    _inherit = ["stock.quant", "ai.notes.product.changes"]

    _ai_noted_fields = frozenset({"location_id", "quantity", "reserved_quantity"})

    def _note_ai_removal(self):
        # Odoo removes empty quants all the time: this can wait for the transaction's end.
        self.env["ai.product.sync"]._note_change("product.product", self.product_id.ids)
