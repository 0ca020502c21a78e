"""Questions of customers against a small shop: search is sane end to end."""

from collections.abc import Iterator

import numpy as np
import pytest

from sidecar.context import TenantContext
from sidecar.errors import Unavailable, UpstreamRefused
from sidecar.search.hybrid import Hit, HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.query import understand
from sidecar.search.store import ProductStore
from tests.furniture import furniture
from tests.vectors_process import VectorsProcess

FACTS = furniture()
CODE = {facts["id"]: facts["default_code"] for facts in FACTS}
CONTEXT = TenantContext("account_1", 1, "pt_BR", "America/Sao_Paulo", "BRL")


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("products") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def search(vectors: VectorsProcess) -> HybridSearch:
    store = ProductStore(vectors.client(), CONTEXT, None)
    Indexer(store, None, CONTEXT).sync(FACTS, complete=True)
    return HybridSearch(store, None, CONTEXT)


def ask(search: HybridSearch, question: str, **options: object) -> list[Hit]:
    wanted = understand(question, "pt_BR")
    return search.search(wanted.text, wanted=wanted, **options)


FIRST = [
    ("vocês têm sofá de 3 lugares até R$ 3.000?", "SOF-3L"),
    ("sofa 3 lugares", "SOF-3L"),
    ("sofás de canto", "SOF-5C"),
    ("sofa de dois lugares", "SOF-2L"),
    ("sofás para três pessoas, tres lugares", "SOF-3L"),
    ("cadeira GSB-13 RE", "GSB-13 RE"),
    ("gsb13re", "GSB-13 RE"),
    ("tem o SOF-2L em cinza?", "SOF-2L"),
    ("7890000000033", "COL-Q158"),
    ("colchoes queen", "COL-Q158"),
    ("guarda roupas 6 portas", "GRP-6P"),
    ("guarda-roupa com porta de correr", "GRP-2C"),
    ("luminaria de chao", "LUM-CHA"),
    ("lençois de casal", "LEN-C300"),
    ("escrivaninhas", "ESC-120"),
    ("berço", "BER-3X1"),
    ("sapateira", "SAP-24"),
    ("montagem dos moveis", "SRV-MONT"),
    ("espreguicadeira para piscina", "ESG-CAJ"),
]


@pytest.mark.parametrize(("question", "code"), FIRST)
def test_the_product_asked_for_comes_first(search, question, code):
    assert CODE[ask(search, question)[0].product_id] == code


def test_accents_and_plurals_do_not_change_the_answer(search):
    for one, other in [
        ("sofás", "sofa"),
        ("colchão", "COLCHOES"),
        ("poltronas", "poltrona"),
        ("iluminação", "iluminacao"),
        ("berços", "berco"),
    ]:
        found = [hit.product_id for hit in ask(search, one)]
        assert found
        assert found == [hit.product_id for hit in ask(search, other)]


def test_limits_of_the_question_are_kept(search):
    prices = {facts["id"]: facts["price"] for facts in FACTS}
    cheap = ask(search, "sofá até R$ 3.000", limit=30)
    assert {CODE[hit.product_id] for hit in cheap} >= {"SOF-3L", "SOF-2L"}
    assert all(prices[hit.product_id] <= 3000 for hit in cheap)
    between = ask(search, "cadeira entre 500 e 1000 reais", limit=30)
    assert between
    assert all(500 <= prices[hit.product_id] <= 1000 for hit in between)


def test_stock_filter_keeps_services(search):
    stocked = {facts["id"] for facts in FACTS if facts["in_stock"]}
    found = {hit.product_id for hit in ask(search, "sofá cama", in_stock=True, limit=62)}
    assert found <= stocked
    assert "SFC-190" not in {CODE[product_id] for product_id in found}
    assert CODE[ask(search, "montagem", in_stock=True)[0].product_id] == "SRV-MONT"


def test_reasons_say_what_matched(search):
    assert ask(search, "gsb13re")[0].why[0] == "code: gsb13re"
    assert ask(search, "sofás baratos")[0].why == ("name: sofás", "category: sofás")
    assert ask(search, "televisão com a família")[0].why == ("text",)


def test_a_question_without_words_finds_nothing(search):
    assert ask(search, "") == []
    assert ask(search, "você tem?") == []


def test_same_question_same_answer(search):
    assert ask(search, "mesa") == ask(search, "mesa")


class Meanings:
    """A model for which two words mean the same and all else means nothing."""

    model = "meanings"
    dimension = 3

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = [[1.0 * ("Rede" in t or "hammock" in t), 1.0 * ("Vaso" in t), 0.1] for t in texts]
        made = np.array(rows, np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


class Failing(Meanings):
    def embed(self, texts: list[str]) -> np.ndarray:
        raise Unavailable


def test_meaning_finds_what_words_cannot(vectors):
    context = TenantContext("account_2", 2, "pt_BR", "America/Sao_Paulo", "BRL")
    store = ProductStore(vectors.client(), context, Meanings.dimension)
    Indexer(store, Meanings(), context).sync(FACTS, complete=True)
    hybrid = HybridSearch(store, Meanings(), context)
    first = hybrid.search("hammock")[0]
    assert CODE[first.product_id] == "RED-NOR"
    assert first.why == ("meaning",)
    assert CODE[hybrid.search("hammock GSB-13 RE")[0].product_id] == "GSB-13 RE"

    blind = HybridSearch(store, Failing(), context)
    assert blind.search("hammock") == []
    assert CODE[blind.search("sofá de canto")[0].product_id] == "SOF-5C"


def test_before_the_first_sync_nothing_is_found(vectors):
    context = TenantContext("account_9", 9, "pt_BR", "UTC", "BRL", collection="not_yet")
    store = ProductStore(vectors.client(), context, None)
    assert HybridSearch(store, None, context).search("sofá") == []


def test_store_errors_have_names(tmp_path):
    server = VectorsProcess(tmp_path / "vectors").start()
    refused = ProductStore(server.client("wrong"), CONTEXT, None)
    with pytest.raises(UpstreamRefused):
        refused.ensure()
    gone = ProductStore(server.client(), CONTEXT, None)
    server.kill()
    with pytest.raises(Unavailable):
        HybridSearch(gone, None, CONTEXT).search("sofá")
