"""What the AI service is told of a rule (docs/rules.md)."""

from odoo import fields, models

from .. import conflicts
from ..wall_clock import iso_text


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiBusinessRule(models.Model):
    _inherit = "ai.business.rule"

    def _ai_facts(self, lang):
        """Return the facts of these rules in `lang`, in their order."""
        return [rule._ai_fact(lang) for rule in self]

    def _ai_fact(self, lang):
        self.ensure_one()
        # Sudo: a rule that is limited must not look unlimited to whom a product is hidden.
        products, categories = self.sudo().product_ids, self.sudo().category_ids
        return {
            "kind": self._synced_kind,
            "id": self.id,
            "group": self.validity,
            "subkind": self.kind,
            "title": self.name,
            "sentence": self._sentence(lang),
            "text": (self.text or "").strip(),
            "priority": self.priority,
            "valid_from": iso_text(self.starts_at),
            "valid_to": iso_text(self.ends_at),
            "structure": self._structure(),
            "products": products.ids,
            "categories": categories.mapped("complete_name"),
            "chunks": [],
            "write_date": fields.Datetime.to_string(self.changed_on),
        }

    def _structure(self):
        """Return the figures of this rule, each block only where it has one."""
        self.ensure_one()
        blocks = {}
        if self.subject == "delivery":
            blocks["delivery"] = {
                "min": self.delivery_min,
                "max": self.delivery_max,
                "unit": self.delivery_unit or "",
                "cost": self.delivery_cost or "",
                "fee": self.delivery_fee,
                "free_from": self.delivery_free_from,
                "regions": _listed(self.delivery_regions),
                "excluded": _listed(self.delivery_excluded),
            }
        elif self.subject == "payment":
            blocks["payment"] = {
                "methods": self.payment_method_ids.mapped("code"),
                "cash_change": self.cash_change,
                "installments_max": self.installments_max,
                "installments_free": self.installments_free,
                "installment_min": self.installment_min,
                "pix_discount": self.pix_discount,
            }
        elif self.subject == "return":
            blocks["return"] = {"days": self.return_days, "conditions": self.conditions or ""}
        elif self.subject == "warranty":
            blocks["warranty"] = {
                "months": self.warranty_months,
                "conditions": self.conditions or "",
            }
        if self.validity == "temporary" and self.discount_kind:
            blocks["promotion"] = {
                "kind": self.discount_kind,
                "percent": self.discount_percent,
                "amount": self.discount_amount,
                "coupon": self.coupon or "",
                "minimum": self.minimum_purchase,
            }
        if blocks:
            # Sudo: the code of a currency is nobody's secret.
            blocks["currency"] = self.currency_id.sudo().name
        if self.replaces:
            blocks["replaces"] = self.replaces
        return blocks

    def _in_force(self):
        """Return those of these rules that hold at this moment and that no other stands in for."""
        active = self._told().filtered(lambda rule: rule.state == "active")
        hidden = conflicts.replaced(active._claims())
        return active.filtered(lambda rule: rule.id not in hidden)


def _listed(text):
    return [part.strip() for part in (text or "").split(",") if part.strip()]
