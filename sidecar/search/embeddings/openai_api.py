"""Embeddings of an OpenAI-compatible API, in batches."""

from collections.abc import Iterator

import numpy as np
import openai

from sidecar.errors import TooManyRequests, Unavailable, UpstreamError, UpstreamRefused

_BATCH = 128
# The API takes 8,191 tokens a text and 300,000 a request; no language needs less than 2.5
# characters a token for product texts.
_LONGEST = 20_000
_BATCH_CHARACTERS = 600_000
_DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
_PROBE = "dimension"


class OpenAIEmbedder:
    """Vectors of one model of one API. The dimension of an unknown model is asked for once."""

    def __init__(self, base_url: str, api_key: str, model: str, timeout: float):
        self.model = model
        self._client = openai.OpenAI(
            base_url=base_url or None, api_key=api_key, timeout=timeout, max_retries=1
        )
        self._dimension = _DIMENSIONS.get(model)

    @property
    def dimension(self) -> int:
        """Length of the model's vectors."""
        if self._dimension is None:
            self._dimension = self._ask([_PROBE]).shape[1]
        return self._dimension

    def embed(self, texts: list[str]) -> np.ndarray:
        """float32 (len(texts), dimension), rows of length 1.

        Raises UpstreamRefused for the key, TooManyRequests, Unavailable (no answer in time, or
        the API failed) and UpstreamError (it refused the texts, or its vectors are unusable).
        """
        rows = [self._ask(batch) for batch in _batches(texts)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _ask(self, texts: list[str]) -> np.ndarray:
        try:
            answer = self._client.embeddings.create(model=self.model, input=texts)
        except (openai.AuthenticationError, openai.PermissionDeniedError):
            raise UpstreamRefused("The embedding API refused the key.") from None
        except openai.RateLimitError:
            raise TooManyRequests("The embedding API limits our rate or quota.") from None
        except (openai.APIConnectionError, openai.InternalServerError):
            raise Unavailable("The embedding API cannot be reached.") from None
        except openai.OpenAIError:
            raise UpstreamError("The embedding API refused the request.") from None
        ordered = sorted(answer.data, key=lambda entry: entry.index)
        lengths = {len(entry.embedding) for entry in ordered}
        expected = {self._dimension} if self._dimension else lengths
        if len(ordered) != len(texts) or len(lengths) != 1 or lengths != expected:
            raise UpstreamError(
                "The embedding API answered with another number or length of vectors than asked.",
                lengths=sorted(lengths),
                expected=sorted(expected),
            )
        rows = np.array([entry.embedding for entry in ordered], np.float32)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        if not (np.isfinite(norms).all() and norms.all()):
            raise UpstreamError("The embedding API answered with vectors that are no directions.")
        return rows / norms


def _batches(texts: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        text = text[:_LONGEST] or " "  # the API refuses an empty text
        if len(batch) == _BATCH or (batch and characters + len(text) > _BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch
