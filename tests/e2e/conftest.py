"""A started house (`make test-e2e` starts it): Odoo, playground, processes, a browser."""

import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

HOME = Path(os.environ["CHATWOOTAI_E2E_HOME"])
ODOO_URL = os.environ["CHATWOOTAI_E2E_ODOO_URL"]
BASE = int(os.environ["PORT_BASE"])
PROGRAMS = Path(sys.executable).parent
CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=30_000)  # a busy machine is no fault


def until(found: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true value of `found()`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        if value := found():
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {found}"
        time.sleep(0.1)


@dataclass
class Odoo:
    """A person at Odoo's RPC door; the administrator unless `login` says otherwise."""

    password: str
    login: str = "admin"

    def __post_init__(self) -> None:
        common = xmlrpc.client.ServerProxy(f"{ODOO_URL}/xmlrpc/2/common")
        self.uid = common.authenticate("chatwootai", self.login, self.password, {})
        assert self.uid, f"Odoo refused {self.login}"
        self._object = xmlrpc.client.ServerProxy(f"{ODOO_URL}/xmlrpc/2/object", allow_none=True)

    def call(self, model: str, method: str, *args: Any, **options: Any) -> Any:
        return self._object.execute_kw(
            "chatwootai", self.uid, self.password, model, method, list(args), options
        )

    def read(self, model: str, record: int, *fields: str) -> dict[str, Any]:
        return self.call(model, "read", [record], list(fields))[0]

    def tenant(self, account_id: str) -> int:
        """Id of a tenant."""
        return self.call("ai.tenant", "search", [["account_id", "=", account_id]])[0]

    def product(self, name: str) -> int:
        """Id of the product whose name starts so, in Portuguese or English."""
        for lang in ("pt_BR", "en_US"):
            domain = [["name", "=like", f"{name}%"]]
            found = self.call("product.template", "search", domain, context={"lang": lang})
            if found:
                return found[0]
        raise AssertionError(f"no product {name}")


@dataclass
class Playground:
    """A customer of the two shops."""

    base: str = f"http://127.0.0.1:{BASE + 5}"
    session: requests.Session = field(default_factory=requests.Session)

    def inbox(self, account: int) -> int:
        shops = self.session.get(f"{self.base}/playground/api/shops", timeout=10).json()["data"]
        return next(shop for shop in shops if shop["id"] == account)["inboxes"][0]["id"]

    def start(self, account: int, content: str, *, phone: str = "", name: str = "Bia") -> int:
        """A new conversation that begins with `content`; its display id."""
        body = {
            "inbox_id": self.inbox(account),
            "name": name,
            "phone": phone or f"+55119{time.monotonic_ns() % 10**8:08d}",
            "new": True,
            "content": content,
        }
        return self._post("", body)["display_id"]

    def say(self, account: int, conversation: int, content: str) -> None:
        """The customer goes on."""
        self._post(f"/{account}/{conversation}/messages", {"content": content})

    def change(self, account: int, conversation: int, message: int, **what: Any) -> None:
        """What the customer does to a message: `choose`, `content`, `deleted`."""
        self._post(f"/{account}/{conversation}/messages/{message}", what)

    def act(self, account: int, conversation: int, action: str) -> None:
        """What a person of the desk does: take_over, unassign, hand_back, resolve …"""
        self._post(f"/{account}/{conversation}/actions", {"action": action})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        url = f"{self.base}/playground/api/conversations{path}"
        answer = self.session.post(url, json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def read(self, account: int, conversation: int) -> dict[str, Any]:
        """The conversation as the desk sees it."""
        url = f"{self.base}/playground/api/conversations/{account}/{conversation}"
        return self.session.get(url, timeout=10).json()["data"]

    def answers(self, account: int, conversation: int) -> list[str]:
        """What the bot told the customer."""
        said = self.read(account, conversation)["messages"]
        return [
            m["content"] for m in said if m["sender"]["type"] == "agent_bot" and not m["private"]
        ]


@dataclass
class Processes:
    """The house's processes, by their manager."""

    def pid(self, name: str) -> int:
        command = [PROGRAMS / "supervisorctl", "-c", HOME / "run/supervisord.conf", "pid", name]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        return int(told.stdout.strip() or 0) if told.stdout.strip().isdigit() else 0

    def stop(self, name: str) -> None:
        """A tidy end; it stays down until `start`."""
        self._control("stop", name)

    def start(self, name: str) -> None:
        self._control("start", name)

    def _control(self, verb: str, name: str) -> None:
        command = [PROGRAMS / "supervisorctl", "-c", HOME / "run/supervisord.conf", verb, name]
        subprocess.run(command, capture_output=True, check=True)

    def kill(self, name: str) -> None:
        """kill -9 of a process and its children; the manager starts it again."""
        pid = self.pid(name)
        assert pid, f"{name} does not run"
        told = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
        )
        for each in [pid, *map(int, told.stdout.split())]:
            os.kill(each, signal.SIGKILL)
        until(lambda: self.pid(name) not in (0, pid), 60)


@pytest.fixture(scope="session")
def odoo() -> Odoo:
    return Odoo(Path(os.environ["CHATWOOTAI_E2E_ADMIN_PASSWORD_FILE"]).read_text().strip())


@pytest.fixture
def playground() -> Playground:
    return Playground()


@pytest.fixture
def processes() -> Processes:
    return Processes()


@pytest.fixture
def llm() -> Iterator[Callable[..., Any]]:
    """Control of the LLM's double: `llm("fail", status=500, count=3)`; reset at the end."""

    def control(what: str, **body: Any) -> Any:
        url = f"http://127.0.0.1:{BASE + 8}/double/{what}"
        answer = requests.post(url, json=body, timeout=10)
        assert answer.ok, answer.text
        return answer

    control("reset")
    yield control
    control("reset")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="pt-BR")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def synchronize(odoo: Odoo, tenant: int) -> None:
    """Push a tenant's settings and wait until the sidecar has them."""
    odoo.call("ai.tenant", "action_synchronize", [tenant])
    until(lambda: odoo.read("ai.tenant", tenant, "sync_state")["sync_state"] == "synced")


def log_in(page: Page, login: str, password: str) -> None:
    """Log in to Odoo in the browser."""
    page.goto(f"{ODOO_URL}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_selector(".o_web_client")


def sidecar(*arguments: str) -> str:
    """Output of the sidecar's command line."""
    done = subprocess.run(
        [PROGRAMS / "sidecar", *arguments], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout
