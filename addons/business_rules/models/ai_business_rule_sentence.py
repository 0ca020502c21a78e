"""A rule in a sentence, composed from its figures, in any installed language."""

from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.tools import format_amount, format_date, format_list
from odoo.tools.misc import get_lang

from ..wall_clock import wall_time
from .ai_business_rule import FIGURES

NAMED = 5  # products or categories that a sentence names before it counts the rest
DISCOUNTED = ("promotion", "discount", "seasonal", "event", "holiday")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiBusinessRule(models.Model):
    _inherit = "ai.business.rule"

    sentence = fields.Text(
        "What the AI Says",
        compute="_compute_sentence",
        help="Composed from the figures, in the tenant's language.",
    )

    summary = fields.Text("What It Says", compute="_compute_summary")

    @api.depends("sentence", "text")
    def _compute_summary(self):
        for rule in self:
            rule.summary = rule.sentence or rule.text

    @api.depends(
        "kind",
        "replaces",
        "starts_at",
        "ends_at",
        "with_times",
        "product_ids",
        "category_ids",
        *FIGURES,
        "profile_id.tenant_id.language",
    )
    def _compute_sentence(self):
        for rule in self:
            rule.sentence = rule._sentence(rule.profile_id.language)

    def _sentence(self, lang):
        """Return the figures of this rule as sentences in `lang`; "" when it has none."""
        self.ensure_one()
        rule = self.with_context(lang=lang or self.env.lang)
        compose = {
            "delivery": rule._delivery_sentences,
            "payment": rule._payment_sentences,
            "return": rule._return_sentences,
            "warranty": rule._warranty_sentences,
        }.get(rule.subject)
        sentences = compose() if compose else []
        if rule.validity == "temporary" and rule.discount_kind:
            return " ".join([rule._discount_sentence(), *sentences])
        if sentences and (scope := rule._scope_text()):
            sentences.append(rule.env._("This holds for: %(things)s.", things=scope))
        if period := rule._period_text():
            sentences.append(rule.env._("Valid %(period)s.", period=period))
        return " ".join(sentences)

    def _delivery_sentences(self):
        found = []
        if span := self._delivery_span():
            found.append(self.env._("Delivery takes %(time)s.", time=span))
        if self.delivery_cost == "free":
            found.append(self.env._("Delivery is free."))
        elif self.delivery_cost == "quoted":
            found.append(self.env._("The delivery fee is quoted case by case."))
        elif self.delivery_cost == "fixed" and self.delivery_free_from:
            found.append(
                self.env._(
                    "Delivery costs %(fee)s and is free from %(amount)s.",
                    fee=self._amount(self.delivery_fee),
                    amount=self._amount(self.delivery_free_from),
                )
            )
        elif self.delivery_cost == "fixed":
            found.append(self.env._("Delivery costs %(fee)s.", fee=self._amount(self.delivery_fee)))
        if self.delivery_regions:
            found.append(self.env._("We deliver to: %(regions)s.", regions=self.delivery_regions))
        if self.delivery_excluded:
            found.append(
                self.env._("We do not deliver to: %(regions)s.", regions=self.delivery_excluded)
            )
        return found

    def _delivery_span(self):
        """Return "3 to 7 working days", or "" when no time is stated."""
        shortest, longest = self.delivery_min, self.delivery_max
        if not shortest and not longest:
            return ""
        count = longest or shortest
        unit = self.delivery_unit or "days"
        many = {
            "minutes": self.env._("%(count)s minutes", count=count),
            "hours": self.env._("%(count)s hours", count=count),
            "days": self.env._("%(count)s days", count=count),
            "working_days": self.env._("%(count)s working days", count=count),
        }[unit]
        one = {
            "minutes": self.env._("1 minute"),
            "hours": self.env._("1 hour"),
            "days": self.env._("1 day"),
            "working_days": self.env._("1 working day"),
        }[unit]
        text = one if count == 1 else many
        if shortest and longest and shortest < longest:
            return self.env._("%(shortest)s to %(longest)s", shortest=shortest, longest=text)
        if longest and not shortest:
            return self.env._("up to %(longest)s", longest=text)
        return text

    def _payment_sentences(self):
        found = []
        if self.payment_method_ids:
            names = format_list(self.env, self.payment_method_ids.mapped("name"))
            found.append(self.env._("We accept %(ways)s.", ways=names))
        if self.cash_change:
            found.append(self.env._("We give change for cash."))
        if self.installments_max > 1:
            text = self.env._("In up to %(count)s installments", count=self.installments_max)
            if self.installments_free == self.installments_max:
                text += self.env._(", without interest")
            elif self.installments_free > 1:
                text += self.env._(
                    ", up to %(count)s of them without interest", count=self.installments_free
                )
            if self.installment_min:
                text += self.env._(
                    ", of at least %(amount)s each", amount=self._amount(self.installment_min)
                )
            found.append(text + ".")
        if self.pix_discount:
            found.append(
                self.env._(
                    "%(percent)s%% off when paying with PIX.",
                    percent=self._number(self.pix_discount),
                )
            )
        return found

    def _return_sentences(self):
        return [*self._return_term(), *self._condition_sentences()]

    def _return_term(self):
        if self.return_days == 1:
            return [self.env._("Returns are accepted within 1 day of receipt.")]
        if self.return_days:
            return [
                self.env._(
                    "Returns are accepted within %(days)s days of receipt.", days=self.return_days
                )
            ]
        return []

    def _warranty_sentences(self):
        return [*self._warranty_term(), *self._condition_sentences()]

    def _warranty_term(self):
        if self.warranty_months == 1:
            return [self.env._("The warranty is 1 month.")]
        if self.warranty_months:
            return [self.env._("The warranty is %(months)s months.", months=self.warranty_months)]
        return []

    def _condition_sentences(self):
        text = " ".join((self.conditions or "").split())
        return [text if text[-1] in ".!?" else f"{text}."] if text else []

    def _discount_sentence(self):
        """Return what is off, on what, with which coupon, from which amount, and when."""
        scope, off = self._scope_text(), self._discount_text()
        if scope:
            text = self.env._("%(discount)s off %(things)s", discount=off, things=scope)
        else:
            text = self.env._("%(discount)s off everything", discount=off)
        if self.coupon:
            text += self.env._(", with the coupon %(coupon)s", coupon=self.coupon)
        if self.minimum_purchase:
            amount = self._amount(self.minimum_purchase)
            text += self.env._(", on purchases of %(amount)s or more", amount=amount)
        if period := self._period_text():
            text += f", {period}"
        return text + "."

    def _discount_text(self):
        if self.discount_kind == "percent":
            return f"{self._number(self.discount_percent)}%"
        return self._amount(self.discount_amount)

    def _scope_text(self):
        """Return the categories and products this rule is limited to, "" without any."""
        # Sudo: the names are part of the rule's own words; the caller reads the rule.
        names = [
            *self.sudo().category_ids.mapped("name"),
            *self.sudo().product_ids.mapped("name"),
        ]
        more = len(names) - NAMED
        if more > 1:
            names = [*names[:NAMED], self.env._("%(count)s more", count=more)]
        return format_list(self.env, names) if names else ""

    def _period_text(self):
        """Return "from 11/20/2026 to 11/30/2026", with times where the rule has them."""
        if self.validity != "temporary" or not (self.starts_at and self.ends_at):
            return ""
        # The end is the first moment without the rule; people name the last one with it.
        last = self.ends_at - timedelta(minutes=1)
        return self.env._(
            "from %(first)s to %(last)s",
            first=self._moment(self.starts_at),
            last=self._moment(last),
        )

    def _moment(self, instant):
        wall = wall_time(instant.replace(tzinfo=UTC), self._zone())
        day = format_date(self.env, wall.date(), lang_code=self.env.lang)
        return f"{day} {wall:%H:%M}" if self.with_times else day

    def _amount(self, amount):
        # Sudo: a currency's format is nobody's secret.
        return format_amount(self.env, amount, self.currency_id.sudo(), lang_code=self.env.lang)

    def _number(self, number):
        return f"{number:g}".replace(".", get_lang(self.env, self.env.lang).decimal_point)
