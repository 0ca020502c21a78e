"""A shop without Odoo: its own ERP sends what it has, and the desk answers customers with it."""

from collections.abc import Iterator

import pytest
import requests
from pydantic import SecretStr

from sidecar.app import create_app
from sidecar.errors import Unavailable
from sidecar.hub.checks import connection_report
from sidecar.hub.hub import Hub
from sidecar.hub.products import ProductDesk
from sidecar.hub.pushed import PushedProducts, pushed_queue
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.erp_rows import customer_row, order_row, product_row
from tests.integration.conftest import ADMIN, Shop, Worker
from tests.pushing import Erp, pushing_document
from tests.tools_house import BIA_PHONE
from tests.vectors_process import KEY, VectorsProcess


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("pushed") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def settings(settings: Settings, vectors: VectorsProcess) -> Settings:
    return settings.model_copy(update={"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY)})


class House:
    """Two shops whose ERPs send, and a worker."""

    def __init__(self, settings: Settings, web: WebState):
        self.web = web
        for account_id in ("account_1", "account_2"):
            web.tenants.apply(pushing_document(account_id), reset=True)
        app = create_app(settings)
        self.erp, self.other = Erp(app), Erp(app, "account_2")
        self.services = Services.build(settings)
        self.queue = pushed_queue(web.store, settings)
        self.pushed = PushedProducts(self.services)

    def index(self, account_id: str = "account_1") -> None:
        """What a worker does once the account is due."""
        lease = self.queue.acquire(account_id)
        assert lease
        with lease:
            self.pushed.work(lease)

    def found(self, question: str, account_id: str = "account_1") -> list[str]:
        proxy = self.services.proxy(self.web.tenants.get(account_id))
        return [one.facts["name"] for one in proxy.find_products(question, availability="any")]


@pytest.fixture
def house(settings: Settings, web: WebState) -> House:
    return House(settings, web)


def test_customers_are_answered_about_products_stock_and_their_own_orders(
    settings: Settings, web: WebState, shop: Shop, house: House
) -> None:
    admin = {"api-access-token": ADMIN}
    told = requests.post(
        f"{shop.base}/playground/api/inboxes",
        json={"account_id": 1, "name": "WhatsApp", "channel": "Channel::Whatsapp"},
        headers=admin,
        timeout=5,
    ).json()["data"]
    root = f"{shop.base}/api/v1/accounts/1"
    bot = requests.get(f"{root}/agent_bots", headers=admin, timeout=5).json()[0]["id"]
    path = f"{root}/inboxes/{told['id']}/set_agent_bot"
    requests.post(path, json={"agent_bot": bot}, headers=admin, timeout=5)
    document = pushing_document()
    channel = document["integrations"]["chatwoot"]["channels"][0]
    channel.update(url=shop.base, account_id=1, inbox_id=told["id"])
    web.tenants.apply(document, reset=True)
    shop.inbox = told["id"]
    house.erp.take("products", [product_row(), product_row(id="X", name="Mesa Ipê", code="M-1")])
    house.erp.take("customers", customer_row())
    house.erp.take("orders", [order_row(), order_row(id="P2", name="S99", customer_id="C-8")])
    house.other.take("products", product_row(name="Sofá Alheio", price=1, stock=77))
    house.other.take("orders", order_row(name="ALHEIO"))
    house.index()
    house.index("account_2")

    worker = Worker(Hub(house.services), settings)  # type: ignore[arg-type]
    asked = shop.start("vocês têm sofá de 3 lugares?", phone=BIA_PHONE)
    worker.work_until(lambda: shop.answers(asked))
    (answer,) = shop.answers(asked)
    assert "Sofá Jacarandá" in answer
    assert "R$ 2.790,00" in answer
    assert "4 em estoque" in answer

    house.erp.take("products", product_row(stock=1, price=2500, version=2))
    shop.say(asked, "e quanto custa o sofá agora?")
    worker.work_until(lambda: len(shop.answers(asked)) > 1)
    shop.say(asked, "cadê meu pedido?")
    worker.work_until(lambda: len(shop.answers(asked)) > 2)
    assert "S00071" in shop.answers(asked)[-1]
    assert "https://rapido.example/BR123" in shop.answers(asked)[-1]

    stranger = shop.start("cadê meu pedido S00071?", phone="+5511900000055", name="Bia Moraes")
    worker.work_until(lambda: shop.read(stranger)["status"] == "open" or shop.answers(stranger))
    everything = [*shop.answers(asked), *shop.answers(stranger)]
    assert "BR123" not in str(shop.answers(stranger))
    assert not [text for text in everything if "lheio" in text or "ALHEIO" in text or "S99" in text]


def test_the_search_follows_what_was_sent(house: House) -> None:
    house.erp.take("products", [product_row(), product_row(id="X", name="Mesa Ipê", code="M-1")])
    house.other.take("products", product_row(name="Sofá Alheio"))
    house.index()
    house.index("account_2")
    assert house.found("sofá")[0] == "Sofá Jacarandá"
    assert house.found("mesa")[0] == "Mesa Ipê"
    assert house.found("sofá", "account_2") == ["Sofá Alheio"]
    assert house.queue.due_at("account_1") is None
    renamed = product_row(id="X", name="Poltrona Ipê", category="Sala / Poltronas", version=2)
    house.erp.take("products", [renamed, {"id": "SOF-3L", "deleted": True, "version": 2}])
    house.index()
    assert "Sofá Jacarandá" not in house.found("sofá")
    assert house.found("poltrona")[0] == "Poltrona Ipê"
    assert house.found("sofá", "account_2") == ["Sofá Alheio"]


def test_what_an_erp_sent_is_evidence_of_that_erp(house: House) -> None:
    house.erp.take("products", product_row())
    house.erp.take("customers", customer_row())
    house.erp.take("orders", order_row())
    house.index()
    proxy = house.services.proxy(house.web.tenants.get("account_1"))
    (found,) = proxy.find_products("sofá")
    proxy.stock_levels([found.facts["id"]])
    proxy.orders(proxy.find_partners(phone=BIA_PHONE)[0]["id"])
    sources = [source.partition("/")[0] for source, _at, _fact in proxy.evidence.facts]
    assert sources == ["erp:product.template", "erp:stock", "erp:sale.order"]


def test_unchanged_content_costs_the_index_nothing(house: House) -> None:
    rows = [product_row(id=f"P{i}", name=f"Cadeira {i}") for i in range(5)]
    house.erp.take("products", rows)
    house.index()
    assert house.erp.take("products", rows)["unchanged"] == 5
    assert house.queue.due_at("account_1") is None
    desk = ProductDesk(house.services, house.web.tenants.get("account_1"))
    assert desk.sync({})["unchanged"] == 5
    report = desk.reconcile()
    assert (report["missing"], report["outdated"], report["orphans"]) == (0, 0, 0)


def test_what_comes_while_the_index_is_written_is_written_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.erp.take("products", product_row())
    real, late = ProductDesk.sync, [product_row(name="Sofá Novo", version=2)]

    def sync(desk: ProductDesk, params: dict) -> dict:
        report = real(desk, params)
        if late:
            house.erp.take("products", late.pop())
        return report

    monkeypatch.setattr(ProductDesk, "sync", sync)
    house.index()
    assert house.found("sofá") == ["Sofá Novo"]
    assert (house.erp.records.waiting(), house.queue.due_at("account_1")) == (0, None)


def test_an_index_that_is_away_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.erp.take("products", product_row())

    def away(_desk: ProductDesk, _params: dict) -> dict:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(ProductDesk, "sync", away)
        house.index()
    assert house.erp.records.waiting() == 1
    assert house.queue.due_at("account_1") is not None
    house.index()
    assert house.found("sofá") == ["Sofá Jacarandá"]


def test_the_connection_check_counts_what_was_received(house: House) -> None:
    house.erp.take("customers", customer_row())
    report = connection_report(house.services, house.web.tenants.get("account_1"))
    told = {check["part"]: check for check in report["checks"]}
    assert told["erp"]["message"] == "0 products, 1 customers, 0 orders received"
    assert told["odoo"]["state"] == "off"


def test_nothing_of_the_erp_is_left_when_the_tenant_is_forgotten(house: House) -> None:
    house.erp.take("products", product_row())
    house.erp.records.forget()
    assert house.web.store.keys("account_1:erp:products:*") == []
    assert house.web.store.zscore(keys.due("pushed"), "account_1") is None
