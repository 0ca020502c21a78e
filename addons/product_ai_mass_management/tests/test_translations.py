from odoo.tests import TransactionCase, tagged

from odoo.addons.ai_system.tests import translations


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def test_portuguese_is_complete(self):
        self.assertEqual(translations.faults(self.env, "product_ai_mass_management"), [])
