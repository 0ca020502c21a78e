from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..configuration import NotYaml, differences, render, split_document
from . import fake_sidecar
from .common import AiSystemCase

DOCUMENT = {
    "version": 3,
    "name": "Casa Ipê",
    "crews": {"sales": {"enabled": True, "agents": [{"name": "a", "role": "Seller"}]}},
    "integrations": {
        "redis": {"config": {"prefix": "account_1"}},
        "chatwoot": {"channels": [{"id": 7, "name": "Site"}, {"id": 8, "name": "WhatsApp"}]},
    },
}


@tagged("post_install", "-at_install")
class TestDifferences(BaseCase):
    def _held(self, **changes):
        return {n: render(c) for n, c in split_document({**DOCUMENT, **changes}).items()}

    def _found(self, held, document=None, pushed=None):
        """Return {file: (lines that differ, additions by hand)} of the files with either."""
        files = differences(document or DOCUMENT, pushed or DOCUMENT, held)
        shown = {f.name: ([x for x in f.lines if x[0] in "+-"], f.by_hand) for f in files}
        return {name: both for name, both in shown.items() if any(both)}

    def test_order_and_comments_make_no_difference(self):
        held = self._held()
        held["config.yaml"] = """# by a person
integrations:
  chatwoot: {channels: [{name: "Site", id: 7}, {id: 8, name: WhatsApp}]}
  redis:
    config: {prefix: account_1}  # why
name: Casa Ipê
version: 3
"""
        self.assertEqual(self._found(held), {})

    def test_the_order_of_agents_does(self):
        agents = [{"name": "a"}, {"name": "b"}]
        held = self._held(crews={"sales": {"enabled": True, "agents": agents}})
        wanted = {**DOCUMENT, "crews": {"sales": {"enabled": True, "agents": agents[::-1]}}}
        lines, by_hand = self._found(held, wanted)["sales_crew.yaml"]
        self.assertEqual((len(lines), by_hand), (2, []))

    def test_a_crews_file_keeps_the_name_a_person_gave_it(self):
        wanted = {**DOCUMENT, "crews": {"customer_service": {"enabled": True}}}
        held = {**self._held(), "support_crew.yaml": "enabled: true\nnote: x\n"}
        del held["sales_crew.yaml"]
        found = self._found(held, wanted, wanted)
        self.assertEqual(found, {"support_crew.yaml": ([], ["note"])})

    def test_plain_items_that_a_person_added_stay(self):
        phones = {"phones": ["+551", "+552"]}
        held = {"config.yaml": render({**phones, "phones": ["+551", "+553"]})}
        found = self._found(held, {**phones, "crews": {}}, {"phones": ["+551"], "crews": {}})
        self.assertEqual(found, {"config.yaml": (["+- '+552'"], ["phones[+553]"])})

    def test_what_changes_is_shown_line_by_line(self):
        found = self._found(self._held(name="Casa"))
        self.assertEqual(found, {"config.yaml": (["-name: Casa", "+name: Casa Ipê"], [])})

    def test_what_a_person_added_stays_and_is_named(self):
        held = self._held(
            colour="blue",
            integrations={
                **DOCUMENT["integrations"],
                "chatwoot": {
                    "channels": [
                        {"id": 7, "name": "Site", "note": "x"},
                        {"id": 8, "name": "WhatsApp"},
                        {"id": 99, "name": "Mine"},
                    ]
                },
            },
        )
        held["notes_crew.yaml"] = "enabled: false\n"
        self.assertEqual(
            self._found(held),
            {
                "config.yaml": (
                    [],
                    [
                        "integrations.chatwoot.channels[7].note",
                        "integrations.chatwoot.channels[99]",
                        "colour",
                    ],
                ),
                "notes_crew.yaml": ([], ["notes_crew.yaml"]),
            },
        )

    def test_what_is_no_longer_pushed_goes(self):
        smaller = {
            **DOCUMENT,
            "crews": {"sales": {"enabled": True}},
            "integrations": {
                "redis": DOCUMENT["integrations"]["redis"],
                "chatwoot": {"channels": [{"id": 8, "name": "WhatsApp"}]},
            },
        }
        found = self._found(self._held(), smaller)
        self.assertEqual(found["config.yaml"], (["-    - id: 7", "-      name: Site"], []))
        self.assertEqual(
            found["sales_crew.yaml"], (["-agents:", "-- name: a", "-  role: Seller"], [])
        )
        empty = {**smaller, "integrations": {"chatwoot": {"channels": []}}}
        self.assertEqual(self._found(self._held(), empty)["config.yaml"][1], [])

    def test_a_file_that_is_missing_there_is_all_new(self):
        held = self._held()
        del held["sales_crew.yaml"]
        lines, by_hand = self._found(held)["sales_crew.yaml"]
        self.assertEqual((lines[0], by_hand), ("+enabled: true", []))

    def test_what_is_not_yaml_is_named(self):
        for text in ("a: [", "- 1", "!!python/object/apply:os.system ['true']"):
            with self.subTest(text=text), self.assertRaisesRegex(NotYaml, "config.yaml"):
                self._found({"config.yaml": text})


@tagged("post_install", "-at_install")
class TestConfigurationDialog(AiSystemCase):
    def setUp(self):
        super().setUp()
        self.env["ai.job"].search([])._cancel("not of this test")
        self.sidecar = self._start_sidecar()
        self._connect(self.tenant, self.sidecar.url)
        channel = self._channel(bot_token="planted-secret-1")
        channel.hook_ids.secret = "planted-secret-2"
        self.tenant.llm_api_key = "planted-secret-3"
        self.tenant.action_synchronize()
        self._run_sender()

    def _open(self):
        action = self.tenant.with_user(self.manager).action_view_configuration()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        return dialog.with_user(self.manager)

    def test_equal_after_a_push_and_different_after_a_change(self):
        dialog = self._open()
        self.assertEqual(dialog.state, "waiting")
        self._run_sender()
        self.assertEqual(dialog.state, "equal")
        self.tenant.name = "<Shop> Uno"
        dialog = self._open()
        self._run_sender()
        self.assertEqual(dialog.state, "different")
        self.assertIn("+name: &lt;Shop&gt; Uno", dialog.difference_html)
        self.assertIn("-name: Shop One", dialog.difference_html)

    def test_additions_by_hand_are_named(self):
        self.sidecar.files["config.yaml"] += "colour: blue\n"
        dialog = self._open()
        self._run_sender()
        self.assertEqual(dialog.state, "equal")
        self.assertIn("Added by hand", dialog.difference_html)
        self.assertIn("colour", dialog.difference_html)

    def test_no_secret_is_in_it(self):
        dialog = self._open()
        self._run_sender()
        shown = str(dialog.read()) + str(dialog.job_id.sudo().read())
        for planted in ("planted-secret", fake_sidecar.SIGNING_KEY):
            self.assertNotIn(planted, shown)
        self.assertIn("chatwoot_bot_token_", dialog.files_html)

    def test_a_stopped_sidecar_is_told_and_the_files_are_shown_nevertheless(self):
        self.sidecar.close()
        dialog = self._open()
        self._run_sender()
        self.assertEqual(dialog.state, "failed")
        self.assertIn("does not answer", dialog.error_text)
        self.assertIn("account_id: test_one", dialog.files_html)

    def test_what_is_not_yaml_is_told(self):
        self.sidecar.files = {"config.yaml": "a: ["}
        dialog = self._open()
        self._run_sender()
        self.assertEqual(dialog.state, "failed")

    def test_a_tenant_that_is_not_connected_has_nothing_to_compare_with(self):
        self.tenant.action_disconnect()
        self.assertEqual(self._open().state, "not_connected")

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_nobody_makes_such_a_dialog_up(self):
        values = {"tenant_id": self.other_tenant.id, "state": "different"}
        with self.assertRaises(AccessError):
            self.env["ai.tenant.configuration"].with_user(self.manager).create(values)
        with self.assertRaises(AccessError):
            self.other_tenant.with_user(self.manager).action_view_configuration()
