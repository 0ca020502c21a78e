"""The packaged model, the cache in front of a model, and which model a tenant gets."""

import threading

import numpy as np
import pytest

from sidecar.context import TenantContext
from sidecar.errors import UpstreamError
from sidecar.search.bm42 import Bm42Encoder
from sidecar.search.embeddings.cache import CachedEmbedder
from sidecar.search.embeddings.choice import attention_for, embedder_for
from sidecar.search.embeddings.minilm import MiniLM
from sidecar.search.tokens import token_id, tokenizer_of
from sidecar.settings import Settings


class Counting:
    """Vectors of a length of one's choice; remembers what it was asked."""

    model = "counting"

    def __init__(self, dimension: int = 4):
        self.dimension = dimension
        self.asked: list[str] = []

    def embed(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        rows = [np.arange(1, self.dimension + 1) + len(text) for text in texts]
        made = np.array(rows, np.float32).reshape(len(texts), self.dimension)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


class Memory(dict):
    def get_many(self, names):
        return [self.get(name) for name in names]

    def set_many(self, values):
        self.update(values)


def context(language: str) -> TenantContext:
    return TenantContext("account_1", 1, language, "UTC", "BRL")


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


def test_model_agrees_with_its_published_similarities(model):
    # Sentences and cosines of the Sentence Transformers documentation for this model.
    food, bread, baby = model.embed(
        [
            "A man is eating food.",
            "A man is eating a piece of bread.",
            "The girl is carrying a baby.",
        ]
    )
    assert food @ bread == pytest.approx(0.7553, abs=2e-4)
    assert food @ baby < 0.1


def test_vectors_are_directions_whatever_stands_beside_them(model):
    texts = ["lamp", "a very long text about a lamp " * 30, "", "🙂", "lamp"]
    rows = model.embed(texts)
    assert rows.shape == (5, 384)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert model.embed(["lamp"])[0] == pytest.approx(rows[0], abs=1e-5)
    assert rows[0] == pytest.approx(rows[4], abs=1e-5)
    assert model.embed([]).shape == (0, 384)


def test_threads_share_the_model(model):
    fresh, found = MiniLM(), []
    threads = [threading.Thread(target=lambda: found.append(fresh.embed(["desk"]))) for _ in "1234"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.allclose(rows, model.embed(["desk"]), atol=1e-5) for rows in found)


def test_a_text_is_embedded_once():
    inner, cache = Counting(), Memory()
    embedder = CachedEmbedder(inner, cache, "pt")
    first = embedder.embed(["mesa", "cadeira", "mesa"])
    again = CachedEmbedder(Counting(), cache, "pt").embed(["mesa", "sofá", "cadeira"])
    assert inner.asked == ["mesa", "cadeira"]
    assert again[0] == pytest.approx(first[0])
    assert again[2] == pytest.approx(first[1])


def test_the_cache_knows_models_and_languages_apart():
    cache = Memory()
    CachedEmbedder(Counting(), cache, "pt").embed(["mesa"])
    other = Counting()
    other.model = "other"
    CachedEmbedder(other, cache, "pt").embed(["mesa"])
    spanish = Counting()
    CachedEmbedder(spanish, cache, "es").embed(["mesa"])
    assert other.asked == ["mesa"]
    assert spanish.asked == ["mesa"]


def test_a_value_of_another_length_is_not_believed():
    cache = Memory()
    CachedEmbedder(Counting(4), cache, "pt").embed(["mesa"])
    longer = Counting(8)
    assert CachedEmbedder(longer, cache, "pt").embed(["mesa"]).shape == (1, 8)
    assert longer.asked == ["mesa"]


def test_a_failing_model_is_not_hidden():
    class Failing(Counting):
        def embed(self, texts):
            raise UpstreamError

    with pytest.raises(UpstreamError):
        CachedEmbedder(Failing(), Memory(), "pt").embed(["mesa"])


def test_which_model_a_tenant_gets():
    offline = Settings(_env_file=None, llm_api_key="", embedding_api_key="")
    assert embedder_for(offline, context("pt_BR"), None) is None
    assert embedder_for(offline, context("en_US"), None).dimension == 384
    unwanted = offline.model_copy(update={"local_embeddings": False})
    assert embedder_for(unwanted, context("en_US"), None) is None
    online = Settings(_env_file=None, llm_api_key="key", llm_base_url="http://127.0.0.1:9/v1")
    assert embedder_for(online, context("pt_BR"), None).model == "text-embedding-3-small"
    assert embedder_for(online, context("en_US"), Memory()).model == "text-embedding-3-small"


def test_attention_is_shared_among_a_texts_own_characters(model):
    text = "Moisturizing face-cream, SPF 50"
    (parts,) = model.attentions([text])
    assert [part for part, _ in parts if part not in text] == []
    assert "".join(part for part, _ in parts) == text.replace(" ", "")
    assert 0 < sum(share for _, share in parts) <= 1


def test_words_weigh_what_the_model_attends_to(model):
    encoder = Bm42Encoder(model, "en")
    first, empty = encoder.documents(["Moisturizing face cream for the skin", ""])
    weights = dict(zip(*first, strict=True))
    assert set(weights) == {
        token_id(t) for t in tokenizer_of("en").tokens("moisturizing face cream skin")
    }
    assert all(weight > 0 for weight in weights.values())
    assert empty == ([], [])


def test_bm42_is_chosen_for_english_alone():
    chosen = Settings(_env_file=None, sparse_model="bm42")
    assert attention_for(chosen, context("en_US")) is not None
    assert attention_for(chosen, context("pt_BR")) is None
    assert attention_for(Settings(_env_file=None), context("en_US")) is None
