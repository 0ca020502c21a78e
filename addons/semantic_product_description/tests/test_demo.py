from odoo.tests import TransactionCase, tagged

from .. import demo


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def test_a_shop_gets_its_voice_once(self):
        company = self.env["res.company"].create({"name": "Casa Ipê"})
        self.env["ir.model.data"].search(
            [("module", "=", demo.SHOPS_MODULE), ("name", "=", "casa_ipe_company")]
        ).unlink()
        self.env["ir.model.data"].create(
            {
                "module": demo.SHOPS_MODULE,
                "name": "casa_ipe_company",
                "model": "res.company",
                "res_id": company.id,
            }
        )
        # The category of one voice may not be there, if the shop was never loaded.
        office = self.env.ref("ai_demo_shops.casa_ipe_category_office", raise_if_not_found=False)
        voices = 2 if office else 1
        for _again in range(2):
            demo.load(self.env)
            mine = [("company_id", "=", company.id)]
            self.assertEqual(self.env["ai.brand.voice"].search_count(mine), voices)
            self.assertEqual(self.env["ai.required.fact"].search_count(mine), 2)
