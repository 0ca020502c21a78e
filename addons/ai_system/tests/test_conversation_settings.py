from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestConversationSettings(AiSystemCase):
    def _told(self):
        return self.tenant._tenant_document()["conversation"]

    def test_the_defaults_are_those_of_the_contract(self):
        self.assertEqual(
            self._told(),
            {
                "mode": "answer",
                "acts_on": "pending",
                "returns": "pending",
                "menu": {"enabled": False, "text": "", "options": []},
                "handoff": {
                    "team_id": None,
                    "labels": [],
                    "after_failures": 2,
                    "when_closed": "answer",
                    "when_angry": True,
                },
                "closing": {"resolve": True, "ask_rating": True},
                "source_notes": False,
                "several_messages": True,
            },
        )

    def test_what_is_set_is_told(self):
        version = self.tenant.config_version
        self.tenant.with_user(self.manager).write(
            {
                "desk_mode": "draft",
                "handoff_team": 4,
                "handoff_labels": "ia, precisa-pessoa, ia",
                "menu_enabled": True,
                "menu_text": "Olá!",
                "menu_option_ids": [
                    Command.create({"label": "Suporte", "crew": "customer_service", "sequence": 2}),
                    Command.create(
                        {"label": "Vendas", "keywords": "vendas, comprar ,", "sequence": 1}
                    ),
                ],
            }
        )
        self.assertGreater(self.tenant.config_version, version)
        told = self._told()
        self.assertEqual((told["mode"], told["handoff"]["team_id"]), ("draft", 4))
        self.assertEqual(told["handoff"]["labels"], ["ia", "precisa-pessoa"])
        self.assertEqual(
            told["menu"]["options"],
            [
                {
                    "label": "Vendas",
                    "crew": "sales",
                    "keywords": ["vendas", "comprar"],
                    "attendant": "",
                },
                {"label": "Suporte", "crew": "customer_service", "keywords": [], "attendant": ""},
            ],
        )
        version = self.tenant.config_version
        self.tenant.menu_option_ids[0].attendant = "Ana"
        self.assertGreater(self.tenant.config_version, version)

    def test_a_channel_has_a_mode_of_its_own(self):
        channel = self._channel()
        self.assertIsNone(channel._channel_document()["mode"])
        channel.mode = "draft"
        self.assertEqual(channel._channel_document()["mode"], "draft")

    def test_what_the_sidecar_would_refuse_is_refused_here(self):
        option = {"label": "Vendas"}
        for vals in (
            {"menu_enabled": True},
            {"menu_option_ids": [Command.create(option) for _ in range(10)]},
            {"menu_option_ids": [Command.create({**option, "keywords": "a" * 101})]},
            {"handoff_after_failures": 0},
            {"handoff_after_failures": 11},
            {"handoff_team": -1},
            {"handoff_labels": "two words"},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                self.tenant.write(vals)

    def test_the_menu_is_the_managers(self):
        options = self.env["ai.menu.option"].with_user(self.salesperson)
        with self.assertRaises(AccessError):
            options.create({"tenant_id": self.tenant.id, "label": "Vendas"})
