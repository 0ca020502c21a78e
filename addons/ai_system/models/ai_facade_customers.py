"""Customers, found by what a channel proves: a telephone number or an e-mail address."""

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..phone_keys import key as phone_key

FOUND = 2  # enough to know that it is not exactly one
LOOKED_AT = 50  # contacts with the same number or address


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def find_partners(self, phone=None, email=None):
        """Return at most two customers with exactly that number or address (both, when both).

        [{"id", "name", "language"}]; contacts and their company count as one customer. phone: in
        any form, of the company's country when it names none. UserError without either.
        """
        tenant = self._tenant()
        if not phone and not email:
            raise UserError(self.env._("Give a phone number or an e-mail address."))
        found = self._find_customers(tenant, phone=phone, email=email)
        return [
            {"id": partner.id, "name": partner.name or "", "language": partner.lang or ""}
            for partner in found[:FOUND]
        ]

    @api.model
    def partner_profile(self, partner_id):
        """Return what the tenant keeps of a customer (docs/tools.md); {} for anybody else."""
        tenant = self._tenant()
        partner = self._customer(tenant, partner_id)
        return self._prepare_profile(tenant, partner) if partner else {}

    @api.model
    def _prepare_profile(self, tenant, partner):
        # Sudo: the names of countries, states and price lists are not the integration user's to
        # read; the customer was found with its rights.
        known = partner.sudo()
        return {
            "id": known.id,
            "name": known.name or "",
            "email": known.email or "",
            "phone": known.phone or "",
            "language": known.lang or "",
            "pricelist": known.property_product_pricelist.name or "",
            "addresses": self._addresses(known),
            "since": fields.Date.to_string(known.create_date.date()),
            "orders": 0,
        }

    @api.model
    def _addresses(self, partner):
        """Return [{"kind", "text"}] of `partner` (sudo): its own, and where else goods go."""
        found = {"main": partner}
        family = partner.address_get(["delivery", "invoice"])
        for kind in ("delivery", "invoice"):
            other = partner.browse(family[kind])
            if other != partner and other.company_id == partner.company_id:
                found[kind] = other
        texts = {kind: _one_line(one._display_address()) for kind, one in found.items()}
        return [{"kind": kind, "text": text} for kind, text in texts.items() if text]

    @api.model
    def _customers(self, tenant):
        """Return res.partner as the caller sees it, and the domain of the tenant's customers."""
        company_ids = [tenant.company_id.id]
        if tenant.include_shared_records:
            company_ids.append(False)
        domain = (
            Domain("company_id", "in", company_ids)
            & Domain("active", "=", True)
            & Domain("id", "!=", self.env.user.partner_id.id)
        )
        return self._tenant_env(tenant)["res.partner"], domain

    @api.model
    def _customer(self, tenant, partner_id):
        """Return the tenant's customer `partner_id`, empty when it is none."""
        partners, domain = self._customers(tenant)
        [wanted] = self._checked_ids([partner_id])
        return partners.search(domain & Domain("id", "=", wanted))

    @api.model
    def _known_customer(self, tenant, partner_id):
        """Return the tenant's customer `partner_id`; UserError when it is none."""
        partner = self._customer(tenant, partner_id)
        if not partner:
            raise UserError(self.env._("This is no customer of the company."))
        return partner

    @api.model
    def _find_customers(self, tenant, phone=None, email=None):
        """Return the customers with that number and address, one of each commercial family."""
        partners, everybody = self._customers(tenant)
        domain = everybody
        if phone:
            # Sudo: the country of the tenant's company.
            dial_code = str(tenant.sudo().company_id.country_id.phone_code or "")
            wanted = phone_key(str(phone), dial_code) or phone_key(f"+{phone}")
            if not wanted:
                return partners
            domain &= Domain("ai_phone_key", "=", wanted)
        if email:
            address = tools.email_normalize(str(email))
            if not address:
                return partners
            domain &= Domain("email_normalized", "=", address)
        found = partners.search(domain, order="id", limit=LOOKED_AT)
        families = found.grouped("commercial_partner_id")
        shared = [family.id for family, members in families.items() if len(members) > 1]
        firms = partners.search(everybody & Domain("id", "in", shared)) if shared else partners
        # Which of its people has the firm's number nobody can tell: the firm stands for them all,
        # and where it is no customer here they are several.
        return partners.concat(*(family & firms or members for family, members in families.items()))


def _one_line(address):
    return ", ".join(line.strip() for line in (address or "").splitlines() if line.strip())
