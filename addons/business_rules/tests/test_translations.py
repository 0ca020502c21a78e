import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path

from odoo.addons.ai_system.tests import translations

# What customers hear comes from these files and from the names of the ways to pay.
SPOKEN = (
    "models/ai_business_rule_sentence.py",
    "models/ai_company_profile_hours.py",
    "models/ai_scheduling_rule.py",
    "models/ai_scheduling_rule_slots.py",
)


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def test_portuguese_is_complete(self):
        self.assertEqual(translations.faults(self.env, "business_rules"), [])

    def test_what_customers_hear_is_there_in_spanish(self):
        spoken = {
            entry.msgid
            for entry in polib.pofile(file_path("business_rules/i18n/business_rules.pot"))
            if "odoo-python" in entry.comment
            and any(place.endswith(SPOKEN) for place, _line in entry.occurrences)
        }
        spoken |= set(
            self.env["ai.payment.method"].with_context(lang="en_US").search([]).mapped("name")
        )
        spanish = {e.msgid: e for e in polib.pofile(file_path("business_rules/i18n/es.po"))}
        self.assertEqual(spoken - spanish.keys(), set())
        for text, entry in spanish.items():
            with self.subTest(text=text):
                self.assertTrue(entry.msgstr and not entry.fuzzy)
                holes = (translations._placeholders(t) for t in (text, entry.msgstr))
                self.assertEqual(next(holes), next(holes))

    def test_a_rule_speaks_spanish(self):
        self.env["res.lang"]._activate_lang("es_419")
        company = self.env["res.company"].create({"name": "Tienda"})
        tenant = self.env["ai.tenant"].create(
            {"name": "Tienda", "company_id": company.id, "language": "es_419", "timezone": "UTC"}
        )
        profile = self.env["ai.company.profile"].create({"tenant_id": tenant.id, "name": "T"})
        rule = self.env["ai.business.rule"].create(
            {"profile_id": profile.id, "name": "R", "kind": "return", "return_days": 7}
        )
        self.assertEqual(rule.sentence, "Aceptamos devoluciones dentro de los 7 días de recibido.")
