from odoo import Command
from odoo.tests import TransactionCase, new_test_user


def claim(**values):
    """Return a claim of a result; one that stands on nothing by default."""
    return {
        "part": "short_description",
        "text": "10 years warranty",
        "source": "",
        "kind": "warranty",
        "supported": False,
        **values,
    }


class DescriptionCase(TransactionCase):
    """A connected tenant, a product of its company and a salesperson who cannot write products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tests read English, whatever the database has.
        cls.env["res.lang"]._activate_lang("en_US")
        cls.company = cls.env["res.company"].create({"name": "Description Shop"})
        cls.env.user.company_ids |= cls.company
        cls.tenant = cls.env["ai.tenant"].create(
            {
                "name": "Description Shop",
                "account_id": "description_shop",
                "company_id": cls.company.id,
                "business_area": "retail",
                "language": "en_US",
                "state": "connected",
            }
        )
        cls.product = cls.env["product.template"].create(
            {"name": "Oak Chair 🪑", "company_id": cls.company.id, "categ_id": False}
        )
        cls.user = new_test_user(
            cls.env,
            "description_user",
            lang="en_US",
            groups="ai_system.ai_system_group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.manager = new_test_user(
            cls.env,
            "description_manager",
            lang="en_US",
            groups="ai_system.ai_system_group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.settings = cls.env["ai.studio.settings"]._of(cls.company)
        cls.mine = cls.product.with_user(cls.user).with_company(cls.company)

    def _result(self, **changes):
        return {
            "product_id": self.product.id,
            "language": "en_US",
            "short_description": "A chair of oak.",
            "description": "<p>A chair</p><script>alert(1)</script>",
            "key_features": ["Oak", "Handmade"],
            "use_cases": [],
            "tags": ["chair"],
            "seo_title": "Oak Chair",
            "meta_description": "A chair of oak for the kitchen.",
            "image_alt": "A chair",
            "claims": [],
            "missing": [],
            "writer": "extractive",
            "model": "",
            "prompt_version": "1",
            "input_tokens": 0,
            "output_tokens": 0,
            "cost": 0.0,
            "currency": "USD",
            **changes,
        }

    def _generate(self, **changes):
        """Run the button's job to its end and return it. changes: of the result."""
        self.mine.action_generate_description()
        job = self.mine.ai_job_id.sudo()
        job._finish(self._result(**changes))
        self.env.invalidate_all()
        return job

    def _text(self, **changes):
        """Return a fresh draft as the salesperson sees it."""
        self._generate(**changes)
        return self.mine.ai_description_id

    def _facade(self):
        """Return the façade as the tenant's integration user calls it."""
        self.tenant._ensure_integration_user()
        return self.env["ai.facade"].with_user(self.tenant.integration_user_id)
