"""Draft quotations that the AI writes for a customer; people confirm, or the customer signs."""

from odoo import Command, api, models
from odoo.exceptions import UserError

from odoo.addons.ai_system.models.ai_facade_prices import MAX_LINES, MAX_QUANTITY

MAX_NAMED = 20  # variants that a sentence lists


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def quotation_create(self, partner_id, lines, key, who):
        """Write a draft quotation at the customer's prices; return it as `orders` does.

        lines: as of `price_quotes`, each with one variant. key: a UUID; the same again gives the
        first answer. who: {"name", "channel", "conversation", "proof"} of the person served.
        UserError for what cannot be sold, and for unknown customers.
        """
        tenant = self._tenant()
        partner, who = self._known_customer(tenant, partner_id), self._who(who)

        def make():
            values = self._order_lines(self._asked_lines(tenant, lines, partner.lang))
            order = self._new_quotation(tenant, partner, values, who)
            self._note_write(tenant, "quotation_create", order, who)
            return order._ai_orders()[0]

        return self._once(tenant, "quotation_create", key, [partner_id, lines], make)

    @api.model
    def quotation_add_lines(self, partner_id, order_id, lines, key, who):
        """Add `lines` to a draft quotation that the AI wrote for this customer; return it."""
        tenant = self._tenant()
        partner, who = self._known_customer(tenant, partner_id), self._who(who)
        own = self._own_order(tenant, partner, order_id)

        def make():
            values = self._order_lines(self._asked_lines(tenant, lines, partner.lang))
            order = self._writable(tenant, own)
            order.order_line = [Command.create(line) for line in values]
            self._note_write(tenant, "quotation_add_lines", order, who)
            return order._ai_orders()[0]

        return self._once(tenant, "quotation_add_lines", key, [partner_id, order_id, lines], make)

    @api.model
    def reorder(self, partner_id, order_id, key, who):
        """Write a draft quotation with what can still be sold of an own order, at today's prices.

        Returns {"order", "left_out": [names]}; UserError when nothing of it can be sold.
        """
        tenant = self._tenant()
        partner, who = self._known_customer(tenant, partner_id), self._who(who)
        own = self._own_order(tenant, partner, order_id)

        def make():
            values, left_out = self._lines_again(tenant, own)
            order = self._new_quotation(tenant, partner, values, who)
            self._note_write(tenant, "reorder", order, who)
            return {"order": order._ai_orders()[0], "left_out": left_out}

        return self._once(tenant, "reorder", key, [partner_id, order_id], make)

    @api.model
    def _new_quotation(self, tenant, partner, lines, who):
        """Return (sudo) a new draft quotation of `lines` (values of sale.order.line)."""
        orders = self._quotations(tenant, partner.lang)
        return orders.create(
            {
                "partner_id": partner.id,
                "company_id": tenant.company_id.id,
                "ai_made": True,
                "origin": self.env._("AI: %(channel)s", channel=who["channel"] or "–"),
                "order_line": [Command.create(line) for line in lines],
            }
        )

    @api.model
    def _quotations(self, tenant, lang):
        # Sudo: a quotation needs price lists, taxes, terms and numbers that the integration user
        # has no right to; whose it is and what is in it was checked with the user's own rights.
        orders = self._tenant_env(tenant, lang)["sale.order"].sudo()
        return orders.with_context(ai_price_tenant=tenant.id, mail_create_nosubscribe=True)

    @api.model
    def _writable(self, tenant, own):
        """Return the draft quotation `own`, locked and ready to be written (sudo)."""
        order = self._quotations(tenant, own.sudo().partner_id.lang).browse(own.id)
        order.lock_for_update()
        if order.state != "draft" or not order.ai_made:
            raise UserError(
                self.env._("“%(name)s” is no draft any more: make a new quotation.", name=own.name)
            )
        return order

    @api.model
    def _order_lines(self, asked):
        """Return the values of the order lines for checked lines; UserError for no one variant."""
        return [
            {"product_id": self._one_variant(line).id, "product_uom_qty": line.quantity}
            for line in asked
        ]

    @api.model
    def _one_variant(self, line):
        if line.variant:
            return line.variant
        variants = line.product.product_variant_ids[:MAX_NAMED]
        if not variants:
            raise UserError(
                self.env._(
                    "“%(product)s” is made to order: ask a person.", product=line.product.name
                )
            )
        raise UserError(
            self.env._(
                "Say which variant of “%(product)s”: %(variants)s.",
                product=line.product.name,
                variants="; ".join(f"{one.id} = {one._ai_name()}" for one in variants),
            )
        )

    @api.model
    def _lines_again(self, tenant, own):
        """Return (values of order lines, names left out) for buying the order `own` again."""
        # Sudo: what was bought may be out of sight by now.
        bought = own.sudo().order_line.filtered(lambda line: line.product_id)[:MAX_LINES]
        templates = list(dict.fromkeys(bought.product_id.product_tmpl_id.ids))
        sold = self._products_among(tenant, templates).filtered("sale_ok")
        variants = set(sold.filtered(lambda one: one.type != "combo").product_variant_ids.ids)
        values, left_out = [], []
        for line in bought:
            if line.product_id.id in variants and 0 < line.product_uom_qty <= MAX_QUANTITY:
                values.append(
                    {"product_id": line.product_id.id, "product_uom_qty": line.product_uom_qty}
                )
            else:
                left_out.append(line.product_id._ai_name())
        if not values:
            raise UserError(self.env._("Nothing of this order is for sale any more."))
        return values, left_out
