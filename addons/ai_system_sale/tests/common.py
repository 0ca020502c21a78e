import uuid

from odoo import Command

from odoo.addons.ai_system.tests.common import AiSystemCase

WHO = {"name": "Ana Lima", "channel": "WhatsApp", "conversation": "7-123", "proof": "channel"}


class SaleCase(AiSystemCase):
    """The first company sells a sofa and a service to Ana, who works for a customer company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for tenant in (cls.tenant, cls.other_tenant):
            tenant._ensure_integration_user()
        cls.sofa = cls._product("Sofa", cls.company, list_price=100.0, is_storable=True)
        cls.lamp = cls._product("Lamp", cls.company, list_price=20.0)
        cls.theirs = cls._product("Theirs", cls.other_company, list_price=5.0)
        cls.sofa.taxes_id = cls.lamp.taxes_id = cls.theirs.taxes_id = False
        cls.family = cls._partner("Lima Ltda", cls.company, is_company=True)
        cls.ana = cls._partner("Ana Lima", cls.company, parent_id=cls.family.id)
        cls.bob = cls._partner("Bob", cls.company)
        cls.foreign = cls._partner("Foreign", cls.other_company)
        cls.nobodys = cls._partner("Nobody's", None)

    def setUp(self):
        super().setUp()
        self.facade = self._facade(self.tenant)

    @classmethod
    def _partner(cls, name, company, **values):
        return cls.env["res.partner"].create(
            {"name": name, "company_id": company.id if company else False, **values}
        )

    @classmethod
    def _order(cls, partner, company, *lines, **values):
        """Return an order of `lines` (product, quantity)."""
        return (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.product_variant_id.id,
                                "product_uom_qty": quantity,
                                "tax_ids": False,
                            }
                        )
                        for product, quantity in lines
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _bookkeeping(cls, company):
        """Give `company` what an invoice needs at the least; return its sales journal."""
        accounts = cls.env["account.account"].with_company(company)
        income, receivable = accounts.create(
            [
                {"name": "Sales", "code": "400", "account_type": "income"},
                {"name": "Customers", "code": "100", "account_type": "asset_receivable"},
            ]
        )
        for partner in (cls.family, cls.ana, cls.bob, cls.foreign):
            partner.with_company(company).property_account_receivable_id = receivable
        return (
            cls.env["account.journal"]
            .with_company(company)
            .create(
                {
                    "name": "Invoices",
                    "code": "INV",
                    "type": "sale",
                    "company_id": company.id,
                    "default_account_id": income.id,
                }
            )
        )

    @classmethod
    def _invoice(cls, partner, journal, amount, move_type="out_invoice", post=True):
        invoice = (
            cls.env["account.move"]
            .with_company(journal.company_id)
            .create(
                {
                    "move_type": move_type,
                    "partner_id": partner.id,
                    "journal_id": journal.id,
                    "invoice_date": "2026-11-01",
                    "invoice_line_ids": [
                        Command.create({"name": "Sofa", "price_unit": amount, "tax_ids": False})
                    ],
                }
            )
        )
        if post:
            invoice.action_post()
        return invoice

    @staticmethod
    def _key():
        return str(uuid.uuid4())

    def _lines(self, *pairs):
        return [{"product_id": product.id, "quantity": count} for product, count in pairs]
