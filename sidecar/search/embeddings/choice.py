"""Which embedder serves a tenant."""

from functools import lru_cache

from sidecar.context import TenantContext
from sidecar.search.bm42 import Bm42Encoder
from sidecar.search.embeddings.base import Embedder
from sidecar.search.embeddings.cache import CachedEmbedder, VectorCache
from sidecar.search.embeddings.minilm import MiniLM
from sidecar.search.embeddings.openai_api import OpenAIEmbedder
from sidecar.settings import Settings

_EMBEDDING_TIMEOUT = 10.0


def embedder_for(
    settings: Settings, context: TenantContext, cache: VectorCache | None
) -> Embedder | None:
    """The API's where a key is set; the packaged English model for English tenants; else none.

    None means sparse-only: an English model puts unrelated Portuguese sentences side by side.
    With a cache, texts embedded before cost nothing.
    """
    embedder = _embedder(settings, context)
    if embedder is None or cache is None:
        return embedder
    return CachedEmbedder(embedder, cache, context.language_code)


def attention_for(settings: Settings, context: TenantContext) -> Bm42Encoder | None:
    """The weigher of words by attention, where it is chosen and the local model reads the language;
    None means BM25F."""
    if settings.sparse_model != "bm42" or context.language_code != "en":
        return None
    return Bm42Encoder(_minilm(), context.language_code)


def _embedder(settings: Settings, context: TenantContext) -> Embedder | None:
    key = settings.embedding_api_key.get_secret_value() or settings.llm_api_key.get_secret_value()
    if key:
        url = settings.embedding_base_url or settings.llm_base_url
        return _api(url, key, settings.embedding_model)
    if settings.local_embeddings and context.language_code == "en":
        return _minilm()
    return None


@lru_cache(maxsize=8)
def _api(url: str, key: str, model: str) -> OpenAIEmbedder:
    return OpenAIEmbedder(url, key, model, _EMBEDDING_TIMEOUT)


@lru_cache(maxsize=1)
def _minilm() -> MiniLM:
    return MiniLM()
