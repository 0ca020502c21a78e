from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CredentialsCase


@tagged("post_install", "-at_install")
class TestSecurity(CredentialsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._credential("shopee", partner_key="x")
        cls.theirs = cls._credential("shopee", cls.other_tenant, partner_key="y")
        cls.employee = cls._person("employee_one", cls.company, "base.group_user")
        cls.system = cls._person("system_one", cls.company, "base.group_system")

    def test_administrator_of_one_company_sees_nothing_of_another(self):
        credentials = self.env["ai.credential"].with_user(self.manager)
        lines = self.env["ai.credential.line"].with_user(self.manager)
        self.assertEqual(credentials.search([]), self.mine)
        self.assertEqual(lines.search([]), self.mine.line_ids)
        theirs = self.theirs.with_user(self.manager)
        for name, act in {
            "read": lambda: theirs.read(["name"]),
            "read a line": lambda: theirs.line_ids.read(["display_name"]),
            "write": lambda: theirs.write({"name": "mine"}),
            "type a secret": lambda: theirs.line_ids.write({"new_value": "mine"}),
            "revoke": lambda: self.theirs.line_ids.with_user(self.manager).action_revoke(),
            "delete": lambda: theirs.unlink(),
            "create": lambda: credentials.create(
                {"name": "a", "platform": "amazon", "tenant_id": self.other_tenant.id}
            ),
            "smuggle a line in": lambda: lines.create(
                {"credential_id": self.theirs.id, "name": "x", "new_value": "mine"}
            ),
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                act()
        self.assertEqual(self.other_tenant._get_secret("shopee_partner_key"), "y")

    def test_other_people_see_no_credential(self):
        for user in (self.salesperson, self.employee, self._integration_user(self.tenant)):
            for records in (self.mine, self.mine.line_ids):
                model = self.env[records._name].with_user(user)
                for name, act in {
                    "search": lambda model=model: model.search([]),
                    "count": lambda model=model: model.search_count([]),
                    "read": lambda model=model, r=records: model.browse(r.ids).read(
                        ["display_name"]
                    ),
                    "write": lambda model=model, r=records: model.browse(r.ids).write({}),
                    "unlink": lambda model=model, r=records: model.browse(r.ids).unlink(),
                }.items():
                    with (
                        self.subTest(user=user.login, model=records._name, act=name),
                        self.assertRaises(AccessError),
                    ):
                        act()

    def test_menus(self):
        menu = self.env.ref("ai_credentials_manager.ai_credential_menu")
        rotate = self.env.ref("ai_credentials_manager.ai_credential_rotation_menu")

        def shown(user):
            return self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()

        self.assertIn(menu.id, shown(self.manager))
        self.assertNotIn(rotate.id, shown(self.manager))
        for user in (self.salesperson, self.employee):
            self.assertFalse({menu.id, rotate.id} & shown(user))

    def test_only_system_administrators_rotate(self):
        rotations = self.env["ai.credential.rotation"]
        self.assertTrue(rotations.with_user(self.system).action_open()["res_id"])
        for user in (self.manager, self.salesperson):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                rotations.with_user(user).action_open()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                rotations.with_user(user).search([])
        with self.assertRaises(AccessError):
            rotations.with_user(self.system).create({"state": "done"})

    def test_what_can_be_called_from_outside(self):
        """No public method of the addon takes a secret out, or works without its checks."""
        callable_now = {}
        for model in ("ai.credential", "ai.credential.line", "ai.credential.rotation"):
            callable_now[model] = {
                name
                for cls in type(self.env[model]).mro()
                if cls.__module__.startswith("odoo.addons.ai_credentials_manager")
                for name, value in vars(cls).items()
                if callable(value) and not name.startswith("_")
            }
        changes = {"create", "write", "unlink", "onchange"}
        self.assertEqual(
            callable_now,
            {
                "ai.credential": changes,
                "ai.credential.line": changes | {"action_revoke"},
                "ai.credential.rotation": {"action_open", "action_rotate"},
            },
        )
