import xmlrpc.client

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestIntegrationUser(AiSystemCase):
    def setUp(self):
        super().setUp()
        self.user = self._integration_user(self.tenant)

    def test_is_no_employee_and_knows_one_company(self):
        self.assertTrue(self.user.share)
        self.assertFalse(self.user.has_group("base.group_user"))
        self.assertFalse(self.user.has_group("base.group_portal"))
        self.assertEqual(self.user.company_ids, self.company)
        self.assertEqual(self.user.partner_id.company_id, self.company)

    def test_is_the_same_user_when_connected_again(self):
        self.tenant._ensure_integration_user()
        self.assertEqual(self.tenant.integration_user_id, self.user)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_reads_nothing_but_products(self):
        for model in (
            "ai.tenant",
            "ai.channel",
            "ai.job",
            "ai.tenant.connect",
            "ir.config_parameter",
            "ir.model",
            "ir.rule",
            "ir.ui.view",
            "mail.message",
            "product.pricelist",
            "product.supplierinfo",
            "res.company",
            "res.groups",
            "res.users",
            "res.users.apikeys",
            "stock.quant",
            "stock.move",
            "stock.location",
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([], limit=1)

    def test_sees_public_files_only(self):
        self.env["ir.attachment"].create({"name": "secret.txt", "raw": b"x"})
        files = self.env["ir.attachment"].with_user(self.user).search([])
        self.assertTrue(all(files.sudo().mapped("public")))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_sees_no_cost_and_no_internal_note(self):
        product = self._product("P", self.company).with_user(self.user)
        self.assertEqual(product.name, "P")
        for name in ("standard_price", "description", "seller_ids"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                product.read([name])

    def test_sees_its_own_company_only(self):
        mine = self._product("Mine", self.company)
        theirs = self._product("Theirs", self.other_company)
        shared = self._product("Shared", False)
        for model in ("product.template", "product.product"):
            found = self.env[model].with_user(self.user).search([])
            names = set(found.mapped("name"))
            self.assertEqual(names & {"Mine", "Theirs", "Shared"}, {"Mine"})
        for product in (theirs, shared):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                product.with_user(self.user).read(["name"])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            mine.with_user(self._integration_user(self.other_tenant)).read(["name"])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_sees_its_companys_customers_only_and_not_every_field(self):
        partners = self.env["res.partner"]
        mine, theirs, shared = partners.create(
            [
                {"name": "Customer", "company_id": company.id if company else False}
                for company in (self.company, self.other_company, None)
            ]
        )
        mine.comment = "Pays late"
        found = partners.with_user(self.user).search([])
        self.assertEqual(found - self.user.partner_id, mine)
        for hidden in (theirs, shared, self.salesperson.partner_id, self.company.partner_id):
            with self.subTest(partner=hidden.name), self.assertRaises(AccessError):
                hidden.with_user(self.user).read(["name"])
        own = mine.with_user(self.user)
        self.assertEqual(own.read(["name", "email"])[0]["name"], "Customer")
        for name in ("comment", "vat", "bank_ids", "user_ids", "message_ids"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                own.read([name])
            with self.subTest(domain=name), self.assertRaises(AccessError):
                own.search([(name, "!=", False)])
        with self.assertRaises(AccessError):
            own.search([], order="comment")
        with self.assertRaises(AccessError):
            own.write({"name": "Changed"})

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_writes_nothing(self):
        product = self._product("P", self.company).with_user(self.user)
        with self.assertRaises(AccessError):
            product.name = "Changed"
        with self.assertRaises(AccessError):
            product.create({"name": "New"})
        with self.assertRaises(AccessError):
            product.unlink()

    def test_key_lives_at_most_90_days_and_the_old_one_goes_after_the_new_is_taken(self):
        keys = self.env["res.users.apikeys"].sudo()
        self.tenant._new_api_key()
        first = self.tenant._get_secret("odoo_api_key")
        self.tenant._new_api_key()
        second = self.tenant._get_secret("odoo_api_key")
        for key in (first, second):
            self.assertEqual(keys._check_credentials(scope="rpc", key=key), self.user.id)
        self.tenant._remove_api_keys(before=self.tenant._newest_api_key_id())
        self.assertFalse(keys._check_credentials(scope="rpc", key=first))
        self.assertEqual(keys._check_credentials(scope="rpc", key=second), self.user.id)
        for key in keys.search([("user_id", "=", self.user.id)]):
            self.assertLessEqual((key.expiration_date - key.create_date).days, 90)
            self.assertEqual(key.scope, "rpc")


@tagged("post_install", "-at_install")
class TestXmlRpc(AiSystemCase, HttpCase):
    @mute_logger("odoo.addons.rpc.controllers.xmlrpc", "odoo.http")
    def test_the_key_opens_the_facade_and_nothing_private(self):
        user = self._integration_user(self.tenant)
        self.tenant._new_api_key()
        key = self.tenant._get_secret("odoo_api_key")
        product = self._product("P", self.company)
        self.env.flush_all()
        database = self.env.cr.dbname
        uid = self.xmlrpc_common.authenticate(database, user.login, key, {})
        self.assertEqual(uid, user.id)

        def call(model, method, *args):
            return self.xmlrpc_object.execute_kw(database, uid, key, model, method, list(args))

        self.assertEqual(call("ai.facade", "ping")["account_id"], "test_one")
        self.assertEqual(call("ai.facade", "product_facts", product.ids)[0]["name"], "P")
        for model, method, *args in (
            ("ai.tenant", "_get_secret", [self.tenant.id], "odoo_api_key"),
            ("ai.tenant", "search_read", []),
            ("ir.config_parameter", "get_param", "database.uuid"),
            ("ai.job", "_finish", [1], {}),
            ("product.template", "_ai_facts", product.ids, 1),
            ("res.users", "search_read", [("id", "!=", uid)]),
        ):
            with self.subTest(model=model, method=method):
                try:
                    answer = call(model, method, *args)
                except xmlrpc.client.Fault:
                    continue
                self.assertEqual(answer, [])
