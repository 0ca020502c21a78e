"""Which rules of a company contradict each other, and which stand in for others."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import conflicts
from ..promotions import coupon_key
from .ai_business_rule import TERMS


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiBusinessRule(models.Model):
    _inherit = "ai.business.rule"

    conflict_text = fields.Text("Conflicts", compute="_compute_conflicts")
    has_conflict = fields.Boolean(compute="_compute_conflicts", search="_search_has_conflict")

    @api.depends(*sorted(TERMS), "available", "active")
    @api.depends_context("lang")
    def _compute_conflicts(self):
        texts = {}
        rules = self._comparable(self.profile_id._origin)
        by_id = {rule.id: rule for rule in rules}
        for profile in rules.profile_id:
            claims = rules.filtered(lambda rule, p=profile: rule.profile_id == p)._claims()
            for found in conflicts.conflicts(claims):
                text = self._conflict_sentence(
                    found.subject, by_id[found.first], by_id[found.second]
                )
                for rule_id in (found.first, found.second):
                    texts.setdefault(rule_id, []).append(text)
        for rule in self:
            found = texts.get(rule._origin.id)
            rule.conflict_text = "\n".join(found) if found else False
            rule.has_conflict = bool(found)

    @api.model
    def _search_has_conflict(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        rules = self._comparable(
            self.env["ai.company.profile"].search([("tenant_id", "!=", False)])
        )
        return [("id", "in", rules.filtered("has_conflict").ids)]

    @api.constrains(*sorted(TERMS), "active", "available")
    def _check_not_there_twice(self):
        rules = self._comparable(self.profile_id)
        for profile in rules.profile_id:
            mine = rules.filtered(lambda rule, p=profile: rule.profile_id == p)
            claims = {claim.id: claim for claim in mine._claims()}
            for rule in self & mine:
                for other in mine - rule:
                    if conflicts.identical(claims[rule.id], claims[other.id]):
                        raise ValidationError(
                            self.env._(
                                "“%(rule)s” says the same as “%(other)s”, for the same things and "
                                "at the same time. Change one of them, or archive it.",
                                rule=rule.name,
                                other=other.name,
                            )
                        )

    @api.model
    def _comparable(self, profiles):
        """Return the rules of `profiles` that are in use and not over yet."""
        return self.search(
            [
                ("profile_id", "in", profiles.ids),
                ("available", "=", True),
                ("state", "in", ("active", "upcoming")),
            ]
        )

    def _claims(self):
        """Return these rules as the engine compares them."""
        families = self._category_families()
        return [rule._claim(families) for rule in self]

    def _claim(self, families):
        self.ensure_one()
        # Sudo: what a rule is limited to counts also where the reader does not see the product.
        products, categories = self.sudo().product_ids, self.sudo().category_ids
        terms = self._conflict_terms()
        text = (self.text or "").strip()
        if not any(value is not None for value in terms.values()):
            text = f"{self.name}\n{text}"
        return conflicts.Claim(
            id=self.id,
            subject=self.subject,
            temporary=self.validity == "temporary",
            terms=terms,
            coupon=coupon_key(self.coupon) if self.discount_kind else "",
            products={product.id: product.categ_id.id for product in products},
            categories=frozenset().union(*(families[c.id] for c in categories)),
            regions=frozenset(_split_regions(self.delivery_regions)),
            start=self.starts_at or None,
            end=self.ends_at or None,
            text=text,
        )

    def _conflict_terms(self):
        """Return this rule's figures by the engine's names; what it does not state is None."""
        self.ensure_one()
        terms = {}
        if self.subject == "delivery":
            timed = self.delivery_min or self.delivery_max
            fixed = self.delivery_cost == "fixed"
            terms = {
                "cost": self.delivery_cost or None,
                "fee": self.delivery_fee if fixed else None,
                "free_from": self.delivery_free_from if fixed else None,
                "days_min": self.delivery_min if timed else None,
                "days_max": self.delivery_max if timed else None,
                "unit": self.delivery_unit if timed else None,
            }
        elif self.subject == "payment":
            terms = {
                "installments_max": self.installments_max or None,
                "installments_free": self.installments_free or None,
                "installment_min": self.installment_min or None,
                "pix_discount": self.pix_discount or None,
            }
        elif self.subject == "return":
            terms = {"days": self.return_days or None}
        elif self.subject == "warranty":
            terms = {"months": self.warranty_months or None}
        if self.discount_kind:
            terms["discount_kind"] = self.discount_kind
            terms["percent"] = self.discount_percent or None
            terms["amount"] = self.discount_amount or None
            terms["minimum"] = self.minimum_purchase
        return terms

    def _category_families(self):
        """Return {category id: ids of it and all below it} of the categories of these rules."""
        # Sudo: categories are shared by all companies; only their tree is read.
        chosen = self.sudo().category_ids
        if not chosen:
            return {}
        below = self.env["product.category"].sudo().search([("id", "child_of", chosen.ids)])
        families = {category.id: set() for category in chosen}
        for category in below:
            for part in category.parent_path.split("/"):
                if part and int(part) in families:
                    families[int(part)].add(category.id)
        return families

    @api.model
    def _conflict_sentence(self, subject, one, other):
        first, second = (f"{rule._conflict_figure(subject)} ({rule.name})" for rule in (one, other))
        sentences = {
            "return": self.env._(
                "Two return periods for the same products: %(first)s and %(second)s.",
                first=first,
                second=second,
            ),
            "delivery": self.env._(
                "Two delivery terms for the same products: %(first)s and %(second)s.",
                first=first,
                second=second,
            ),
            "payment": self.env._(
                "Two payment conditions for the same products: %(first)s and %(second)s.",
                first=first,
                second=second,
            ),
            "warranty": self.env._(
                "Two warranties for the same products: %(first)s and %(second)s.",
                first=first,
                second=second,
            ),
            "coupon": self.env._(
                "Two promotions with the coupon %(coupon)s: %(first)s and %(second)s.",
                coupon=one.coupon,
                first=first,
                second=second,
            ),
        }
        return sentences[subject]

    def _conflict_figure(self, subject):
        """Return, in the reader's language, what this rule says about `subject`."""
        if subject == "return":
            return self.env._("%(count)s days", count=self.return_days)
        if subject == "warranty":
            return self.env._("%(count)s months", count=self.warranty_months)
        if subject == "coupon":
            return self._discount_text()
        sentences = {
            "delivery": self._delivery_sentences,
            "payment": self._payment_sentences,
        }[subject]()
        return " ".join(sentences).rstrip(".")


def _split_regions(text):
    return [part.strip().casefold() for part in (text or "").split(",") if part.strip()]
