"""Enroll the demo tenants, as a person would: token, Connect, Chatwoot's bot, Synchronize.

Run with the sidecar's Python after everything is up; settings come from the environment and
`sidecar.env`. Repeating it changes nothing that already stands. Arguments: Odoo's URL, its
database, and the file with the administrator's password.
"""

import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

import requests

from sidecar.settings import Settings, get_settings

SHOPS = {"account_1": 1, "account_2": 2}  # account id → Chatwoot's account in the playground
PATIENCE = 120.0  # seconds for each thing that happens in the background


class Odoo:
    """The administrator at Odoo's RPC door."""

    def __init__(self, url: str, database: str, password: str):
        self.database, self.password = database, password
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.uid = common.authenticate(database, "admin", password, {})
        if not self.uid:
            raise SystemExit("demo: Odoo refused the administrator's password")
        self._object = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)

    def call(self, model: str, method: str, *args: Any, **options: Any) -> Any:
        """A public method of a model."""
        return self._object.execute_kw(
            self.database, self.uid, self.password, model, method, list(args), options
        )

    def read(self, model: str, record: int, *fields: str) -> dict[str, Any]:
        """Fields of one record."""
        return self.call(model, "read", [record], list(fields))[0]

    def wait(self, model: str, record: int, field: str, wanted: str, failed: str) -> None:
        """Wait until `field` has the value `wanted`; stop when it is `failed`."""
        deadline = time.monotonic() + PATIENCE
        while (value := self.read(model, record, field)[field]) != wanted:
            if value == failed or time.monotonic() > deadline:
                text = self.read(model, record, "error_text")["error_text"]
                raise SystemExit(f"demo: {model} {record} is {value!r}: {text or 'no reason yet'}")
            time.sleep(0.3)

    def wait_for_job(self, action: str, model: str, record: int) -> None:
        """Wait until the newest job of that kind about the record is done; stop when it failed."""
        about = [["action", "=", action], ["model", "=", model], ["res_id", "=", record]]
        deadline = time.monotonic() + PATIENCE
        while True:
            (job,) = self.call(
                "ai.job", "search_read", about, ["state", "error_display"], order="id desc", limit=1
            )
            if job["state"] == "done":
                return
            if job["state"] in ("failed", "cancelled") or time.monotonic() > deadline:
                raise SystemExit(f"demo: {action} is {job['state']}: {job['error_display']}")
            time.sleep(0.3)


def connect(odoo: Odoo, tenant: dict[str, Any]) -> None:
    """Press *Connect* with a fresh token and wait for the answer."""
    program = Path(sys.executable).parent / "sidecar"
    printed = subprocess.run(
        [program, "enroll", "--account", tenant["account_id"]],
        check=True,
        capture_output=True,
        text=True,
    )
    wizard = odoo.call(
        "ai.tenant.connect", "create", {"tenant_id": tenant["id"], "token": printed.stdout.strip()}
    )
    odoo.call("ai.tenant.connect", "action_connect", [wizard])
    odoo.wait("ai.tenant", tenant["id"], "state", "connected", "error")


def give_a_bot(odoo: Odoo, settings: Settings, tenant: dict[str, Any], account: int) -> None:
    """Press *Set Up in Chatwoot* with the playground's administrator's token, and wait."""
    channel = odoo.call(
        "ai.channel", "search_read", [["tenant_id", "=", tenant["id"]]], ["bot_token_set"], limit=1
    )[0]
    if channel["bot_token_set"]:
        return
    base, token = settings.url_of_playground(), settings.playground_admin_token.get_secret_value()
    web = requests.Session()
    web.headers["api-access-token"] = token
    root = f"{base}/api/v1/accounts/{account}"
    inbox = web.get(f"{root}/inboxes", timeout=10).json()["payload"][0]["id"]
    odoo.call("ai.channel", "write", [channel["id"]], {"url": base, "inbox_id": inbox})
    agents = web.get(f"{base}/playground/api/agents", timeout=10).json()["data"]
    reader = next(agent for agent in agents if agent["account_id"] == account)
    wizard = odoo.call(
        "ai.channel.setup",
        "create",
        {
            "channel_id": channel["id"],
            "admin_token": token,
            "reading_token": reader["access_token"],
        },
    )
    odoo.call("ai.channel.setup", "action_setup", [wizard])
    odoo.wait_for_job("chatwoot_setup", "ai.channel", channel["id"])


def main(url: str, database: str, password_file: str) -> None:
    """Enroll every demo tenant and wait until its products are searchable."""
    odoo = Odoo(url, database, Path(password_file).read_text().strip())
    settings = get_settings()
    for account_id, account in SHOPS.items():
        (tenant,) = odoo.call(
            "ai.tenant", "search_read", [["account_id", "=", account_id]],
            ["account_id", "name", "state"],
        )  # fmt: skip
        if tenant["state"] != "connected":
            connect(odoo, tenant)
        give_a_bot(odoo, settings, tenant, account)
        odoo.call("ai.tenant", "action_synchronize", [tenant["id"]])
        odoo.wait("ai.tenant", tenant["id"], "sync_state", "synced", "error")
        print(f"{tenant['name']} ({account_id}) is enrolled")
    wait_for_products(odoo)


def wait_for_products(odoo: Odoo) -> None:
    """Wait for the jobs that fill the search index; stop when one failed."""
    deadline = time.monotonic() + PATIENCE
    domain = [["action", "=", "sync_products"]]
    while True:
        jobs = odoo.call("ai.job", "search_read", domain, ["state", "error_message"])
        failed = [job for job in jobs if job["state"] == "failed"]
        if failed:
            raise SystemExit(f"demo: products were not indexed: {failed[0]['error_message']}")
        if all(job["state"] == "done" for job in jobs):
            return
        if time.monotonic() > deadline:
            raise SystemExit("demo: the products are not indexed yet; see `make logs P=worker`")
        time.sleep(0.3)


if __name__ == "__main__":
    main(*sys.argv[1:])
