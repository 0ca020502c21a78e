"""What changes a product for its customers, and how that is noted: one statement a transaction."""

from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

NOTED = "ai_system.product_changes"

# Each gives (product id, company id, or NULL for every company) for the ids of changed records.
SOURCES = {
    "product.template": "SELECT unnest(%s::int[]), NULL::int",
    "product.product": """
        SELECT product_tmpl_id, NULL::int FROM product_product WHERE id = ANY(%s)""",
    "product.category": """
        SELECT product.id, NULL::int FROM product_template AS product
          JOIN product_category AS category ON category.id = product.categ_id
         WHERE string_to_array(trim(trailing '/' from category.parent_path), '/')::int[] && %s""",
    "product.tag": """
        SELECT product_template_id, NULL::int FROM product_tag_product_template_rel
         WHERE product_tag_id = ANY(%s)""",
    "product.attribute": """
        SELECT product_tmpl_id, NULL::int FROM product_template_attribute_line
         WHERE attribute_id = ANY(%s)""",
    "product.attribute.value": """
        SELECT product_tmpl_id, NULL::int FROM product_template_attribute_value
         WHERE product_attribute_value_id = ANY(%s)""",
    "product.template.attribute.line": """
        SELECT product_tmpl_id, NULL::int FROM product_template_attribute_line
         WHERE id = ANY(%s)""",
    "product.template.attribute.value": """
        SELECT product_tmpl_id, NULL::int FROM product_template_attribute_value
         WHERE id = ANY(%s)""",
    "stock.quant": """
        SELECT variant.product_tmpl_id, quant.company_id FROM stock_quant AS quant
          JOIN product_product AS variant ON variant.id = quant.product_id
          JOIN stock_location AS location ON location.id = quant.location_id
         WHERE quant.id = ANY(%s) AND location.usage IN ('internal', 'transit')""",
}


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiProductSync(models.Model):
    _inherit = "ai.product.sync"

    @api.model
    def _note_change(self, source, ids):
        """Note that the records `ids` of the model `source` (a key of SOURCES) changed.

        Nothing is written before the transaction ends: a loop of a thousand writes costs one
        statement.
        """
        if not ids:
            return
        precommit = self.env.cr.precommit
        if NOTED not in precommit.data:
            precommit.data[NOTED] = defaultdict(set)
            # Sudo: whoever changes a product causes a job without the right to write one.
            precommit.add(self.env(su=True)[self._name]._mark_noted)
        precommit.data[NOTED][source].update(ids)

    @api.model
    def _mark_noted(self):
        """Mark what was noted, for every connected tenant that shows it, and wake the sender."""
        noted = self.env.cr.precommit.data.pop(NOTED, None)
        if not noted:
            return
        self.env.flush_all()
        changed = SQL(" UNION ").join(
            SQL(SOURCES[source], sorted(ids)) for source, ids in sorted(noted.items())
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_product_sync (tenant_id, company_id, record_id, product_tmpl_id,
                                             state, change, taken, hits)
                SELECT DISTINCT tenant.id, tenant.company_id, changed.id, product.id,
                       'not_synced', 1, 0, 0
                  FROM (%s) AS changed (id, company_id)
                  JOIN ai_tenant AS tenant
                    ON tenant.active AND tenant.state = 'connected' AND tenant.erp_kind = 'own'
                   AND (changed.company_id IS NULL OR changed.company_id = tenant.company_id)
                  LEFT JOIN product_template AS product ON product.id = changed.id
                 WHERE (product.active AND product.sale_ok
                        AND (product.company_id = tenant.company_id
                             OR product.company_id IS NULL AND tenant.include_shared_records))
                    OR EXISTS (SELECT 1 FROM ai_product_sync AS known
                                WHERE known.tenant_id = tenant.id AND known.record_id = changed.id)
                 ORDER BY 1, 3
                ON CONFLICT (tenant_id, record_id) DO UPDATE
                   SET change = ai_product_sync.change + 1,
                       product_tmpl_id = excluded.product_tmpl_id,
                       state = CASE WHEN ai_product_sync.vector_id IS NULL THEN 'not_synced'
                                    ELSE 'needs_update' END
                """,
                changed,
            )
        )
        marked = self.env.cr.rowcount
        self.invalidate_model()
        if marked:
            self.env["ai.job"]._wake_sender()
