"""Clients of a tenant's own addresses: the right key, renewed keys, and no private network."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xmlrpc.client import Fault

import httpx
import pytest
from pydantic import SecretStr

from sidecar.credentials.signing import SigningKey
from sidecar.errors import (
    NotConfigured,
    SidecarError,
    Unavailable,
    Unprocessable,
    UpstreamError,
    UpstreamRefused,
)
from sidecar.hub.services import Services, has_own_erp
from sidecar.llm.gateway import Budget
from sidecar.odoo_rpc import OdooRpc
from sidecar.outbound.transport import GuardedTransport
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant
from tests.documents import tenant_document
from tests.doubles.odoo import DB, LOGIN, OdooDouble
from tests.doubles.openai_api import OpenAIDouble
from tests.facts import product_facts
from tests.signing import KEY, KEY_ID

HOUSE_KEY = "the-houses-key"


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble(products=[product_facts(id=5)]) as double:
        yield double


@pytest.fixture
def erp() -> Iterator[OdooDouble]:
    with OdooDouble(api_key="erp-key", products=[product_facts(id=6)]) as double:
        yield double


class Recorder:
    """A server that keeps the headers it was sent, and answers 404."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.headers.append({k.lower(): v for k, v in self.headers.items()})
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = do_GET

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    yield server
    server.close()


def tenant(services: Services, secrets: dict[str, str], **integrations: dict[str, Any]) -> Tenant:
    """The published tenant with these integrations and pushed secrets."""
    document = tenant_document()
    for name, config in integrations.items():
        document["integrations"][name] = {"config": config}
    services.credentials.replace("account_1", secrets)
    return services.tenants.apply(document, reset=True)


def test_control_and_erp_are_two_clients_unless_there_is_one(
    settings: Settings, odoo: OdooDouble, erp: OdooDouble
) -> None:
    services = Services.build(settings)
    secrets = {"odoo_api_key": odoo.api_key, "erp_key": erp.api_key}
    both = tenant(services, secrets, control=odoo.config(), mcp=erp.config("erp_key"))
    assert has_own_erp(both)
    assert services.proxy(both).products([5, 6])[0]["id"] == 6
    services.control(both).job_result("job-1", "done", {}, None)
    assert list(odoo.job_results) == ["job-1"]
    assert erp.job_results == {}
    one = tenant(services, secrets, mcp=odoo.config())
    assert not has_own_erp(one)
    services.control(one).job_result("job-2", "done", {}, None)
    assert list(odoo.job_results) == ["job-1", "job-2"]


def test_a_renewed_key_is_used_at_once_and_the_login_kept(
    settings: Settings, odoo: OdooDouble
) -> None:
    services = Services.build(settings)
    here = tenant(services, {"odoo_api_key": odoo.api_key}, mcp=odoo.config())
    for _ in range(3):
        assert services.control(here).ping()["account_id"] == "account_1"
    assert odoo.logins == 1
    odoo.api_key = "renewed-key-of-odoo"
    with pytest.raises(UpstreamRefused):
        services.control(here).ping()
    services.credentials.replace("account_1", {"odoo_api_key": odoo.api_key})
    assert services.control(here).ping()["company_id"] == 2
    services.credentials.replace("account_1", {})
    with pytest.raises(NotConfigured, match="odoo_api_key"):
        services.control(here).ping()


def test_a_refused_key_is_looked_up_again_once(odoo: OdooDouble) -> None:
    asked: list[bool] = []

    def key(renew: bool) -> str:
        asked.append(renew)
        return odoo.api_key if renew else "an old key"

    rpc = OdooRpc(odoo.url, DB, LOGIN, key, 3, ["127.0.0.1"])
    assert rpc.call("ai.facade", "ping")["odoo_version"] == "19.0"
    assert asked == [False, True]
    wrong = OdooRpc(odoo.url, DB, LOGIN, lambda _renew: "wrong-key", 3, ["127.0.0.1"])
    with pytest.raises(UpstreamRefused) as refused:
        wrong.call("ai.facade", "ping")
    assert "wrong-key" not in repr(refused.value) + repr(wrong)
    assert odoo.logins == 3  # the old, the fresh and the wrong one: once each


def test_a_leased_key_that_was_renewed_costs_one_refusal(
    settings: Settings, odoo: OdooDouble, erp: OdooDouble
) -> None:
    services = Services.build(settings)
    services.credentials.signing.reset("account_1", SigningKey(KEY_ID, KEY))
    odoo.signing_keys[KEY_ID], odoo.secrets["erp_api_key"] = KEY, erp.api_key
    secrets = {"odoo_api_key": odoo.api_key}
    here = tenant(services, secrets, control=odoo.config(), mcp=erp.config("erp_api_key"))
    for _ in range(2):
        assert services.proxy(here).products([6])[0]["id"] == 6
    assert odoo.leases == [{"ref": "erp_api_key", "purpose": "mcp"}]
    erp.api_key = odoo.secrets["erp_api_key"] = "renewed-erp-key"
    assert services.proxy(here).products([6])[0]["id"] == 6
    assert len(odoo.leases) == 2
    services.credentials.revoke("account_1", ["erp_api_key"])
    del odoo.secrets["erp_api_key"]
    with pytest.raises(NotConfigured, match="erp_api_key"):
        services.proxy(here).products([6])


def test_text_that_xml_cannot_carry_does_not_stop_a_result(odoo: OdooDouble) -> None:
    rpc = OdooRpc(odoo.url, DB, LOGIN, lambda _renew: odoo.api_key, 3, ["127.0.0.1"])
    rpc.call("ai.facade", "job_result", "job-1", "done", {"text": "a\x0bb\ud800c"}, False)
    assert odoo.job_results["job-1"][1] == {"text": "ab?c"}


def test_odoos_own_words_are_not_passed_on(odoo: OdooDouble) -> None:
    rpc = OdooRpc(odoo.url, DB, LOGIN, lambda _renew: odoo.api_key, 3, ["127.0.0.1"])
    odoo.fail = 500
    with pytest.raises(Unavailable) as failed:
        rpc.call("ai.facade", "ping")
    assert "planted" not in str(failed.value.as_dict())
    odoo.fail = 0
    odoo.faults["ping"] = Fault(1, "Traceback (most recent call last)\nplanted upstream text")
    with pytest.raises(UpstreamError) as broken:
        rpc.call("ai.facade", "ping")
    assert "planted" not in str(broken.value.as_dict())
    odoo.faults["ping"] = Fault(2, f"A row is wrong.\nplanted {'long ' * 100}")
    with pytest.raises(Unprocessable) as refused:
        rpc.call("ai.facade", "ping")
    assert refused.value.message == "A row is wrong."  # the façade's own sentence


@pytest.mark.parametrize("kind", ["odoo", "llm", "qdrant"])
def test_a_private_address_is_refused_before_a_byte_is_sent(
    settings: Settings, recorder: Recorder, kind: str
) -> None:
    strict = settings.model_copy(update={"allow_private_urls": "10.9.8.7"})
    services = Services.build(strict)
    config = {"url": recorder.url, "db": DB, "username": LOGIN}
    here = tenant(
        services,
        {"odoo_api_key": "x" * 20, "llm_api_key": "tenants-key", "qdrant_api_key": "qdrant-key"},
        mcp=config,
        llm={"base_url": f"{recorder.url}/v1", "api_key_ref": "llm_api_key"},
        qdrant={"url": recorder.url, "api_key_ref": "qdrant_api_key"},
    )
    call = {
        "odoo": lambda: services.control(here).ping(),
        "llm": lambda: services.chosen_llm(here).check(),
        "qdrant": lambda: services.search.client(here.context).get_collections(),
    }[kind]
    with pytest.raises(Exception, match=r"private|reached|refused") as refused:
        call()
    assert recorder.headers == []
    assert "tenants-key" not in str(refused.value)


def test_the_guards_backend_is_really_the_one_that_connects(recorder: Recorder) -> None:
    """httpx has no public way to set it: this fails when the private one is gone."""
    with (
        httpx.Client(transport=GuardedTransport([])) as guarded,
        pytest.raises(httpx.ConnectError),
    ):
        guarded.get(recorder.url)
    with httpx.Client(transport=GuardedTransport(["LOCALHOST"])) as allowed:
        assert allowed.get(recorder.url.replace("127.0.0.1", "localhost")).status_code == 404


def test_the_houses_keys_never_go_to_a_tenants_address(
    settings: Settings, recorder: Recorder
) -> None:
    house = settings.model_copy(
        update={"llm_api_key": SecretStr(HOUSE_KEY), "qdrant_api_key": SecretStr(HOUSE_KEY)}
    )
    services = Services.build(house)
    here = tenant(
        services,
        {},  # the tenant named references and gave no values
        llm={"base_url": f"{recorder.url}/v1", "api_key_ref": "llm_api_key"},
        qdrant={"url": recorder.url, "api_key_ref": "qdrant_api_key"},
    )
    with pytest.raises(SidecarError):
        services.chosen_llm(here).check()
    with pytest.raises(Exception, match="404"):
        services.search.client(here.context).get_collections()
    assert len(recorder.headers) == 2
    assert HOUSE_KEY not in str(recorder.headers)
    services.credentials.replace(
        "account_1", {"llm_api_key": "tenants-llm", "qdrant_api_key": "tenants-qdrant"}
    )
    with pytest.raises(SidecarError):
        services.chosen_llm(here).check()
    with pytest.raises(Exception, match="404"):
        services.search.client(here.context).get_collections()
    assert recorder.headers[2]["authorization"] == "Bearer tenants-llm"
    assert recorder.headers[3]["api-key"] == "tenants-qdrant"


def test_a_tenants_model_answers_and_without_one_the_houses(settings: Settings) -> None:
    with OpenAIDouble(key="tenants-key") as own, OpenAIDouble(key=HOUSE_KEY) as house:
        with_house = settings.model_copy(
            update={"llm_api_key": SecretStr(HOUSE_KEY), "llm_base_url": house.url}
        )
        services = Services.build(with_house)
        config = {"base_url": own.url, "chat_model": "their-model", "api_key_ref": "llm_api_key"}
        here = tenant(services, {"llm_api_key": "tenants-key"}, llm=config)
        gateway = services.llm(here)
        assert gateway.model == "their-model"
        assert services.llm(here) is gateway  # kept while nothing changes
        said = gateway.complete([{"role": "user", "content": "oi"}], _budget())
        assert said.content == "oi"
        assert (len(own.requests), len(house.requests)) == (1, 0)
        services.credentials.replace("account_1", {"llm_api_key": "another-key"})
        assert services.llm(here) is not gateway
        plain = tenant(services, {}, llm={"base_url": None, "api_key_ref": "llm_api_key"})
        assert services.llm(plain) is services.gateway
        named = tenant(services, {}, llm={"chat_model": "gpt-4o-mini", "base_url": None})
        services.llm(named).complete([{"role": "user", "content": "oi"}], _budget())
        assert (len(own.requests), len(house.requests)) == (1, 1)
    bare = Services.build(settings)
    assert bare.llm(plain) is None
    assert bare.llm(named) is None


def test_a_model_that_cannot_be_set_up_leaves_the_extractive_writer(
    settings: Settings, odoo: OdooDouble
) -> None:
    services = Services.build(settings)
    here = tenant(
        services,
        {},
        control=odoo.config(),
        llm={"base_url": "http://127.0.0.1:1/v1", "api_key_ref": "openai_key"},
    )
    services.credentials.store.hset("account_1:secrets", "openai_key", "v1.00000000.AAAA")
    assert services.llm(here) is None
    with pytest.raises(SidecarError):
        services.chosen_llm(here)


def _budget() -> Budget:
    return Budget(time.monotonic() + 10, 3)
