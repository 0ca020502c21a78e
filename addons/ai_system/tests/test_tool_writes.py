import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AiSystemCase


class Refused(Exception):
    """The method refuses what it was asked for."""


@tagged("post_install", "-at_install")
class TestToolWrites(AiSystemCase):
    """Written once by key: what every writing method of the façade relies on."""

    def setUp(self):
        super().setUp()
        self.facade = self._facade(self.tenant)
        self.written = []

    def _once(self, key, arguments=(1,), method="book", tenant=None):
        def make():
            self.written.append(arguments)
            return {"written": len(self.written)}

        return self.facade._once(tenant or self.tenant, method, key, list(arguments), make)

    def test_the_same_key_again_gives_the_first_answer(self):
        key = str(uuid.uuid4())
        self.assertEqual(self._once(key), {"written": 1})
        self.assertEqual(self._once(key), {"written": 1})
        self.assertEqual(self._once(str(uuid.uuid4())), {"written": 2})
        self.assertEqual(len(self.written), 2)

    def test_a_key_belongs_to_one_call_of_one_tenant(self):
        key = str(uuid.uuid4())
        self._once(key)
        for other in ({"arguments": (2,)}, {"method": "cancel_booking"}):
            with self.assertRaises(UserError):
                self._once(key, **other)
        self.assertEqual(self._once(key, tenant=self.other_tenant), {"written": 2})

    def test_what_failed_may_be_tried_again_with_the_key(self):
        key = str(uuid.uuid4())

        def fail():
            raise Refused

        with self.assertRaises(Refused), self.env.cr.savepoint():
            self.facade._once(self.tenant, "book", key, [1], fail)
        self.assertEqual(self._once(key), {"written": 1})

    def test_old_keys_are_forgotten(self):
        key = str(uuid.uuid4())
        self._once(key)
        writes = self.env["ai.tool.write"]
        writes._gc_old()
        self.assertEqual(self._once(key), {"written": 1})
        writes.search([("key", "=", key)]).at = fields.Datetime.now() - timedelta(days=8)
        writes._gc_old()
        self.assertFalse(writes.search([("key", "=", key)]))

    def test_who_is_told_in_short_plain_lines(self):
        who = self.facade._who({"name": " Ana\n\tLima ", "channel": 5, "more": "x"})
        self.assertEqual(who, {"name": "Ana Lima", "channel": "5", "conversation": "", "proof": ""})
        self.assertEqual(len(self.facade._who({"name": "x" * 500})["name"]), 120)
