"""Embeddings of an OpenAI-compatible API, in batches."""

import numpy as np
import openai

from sidecar.errors import TooManyRequests, Unavailable, UpstreamError, UpstreamRefused

_BATCH = 128
_DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
_PROBE = "dimension"


class OpenAIEmbedder:
    """Vectors of one model of one API. The dimension of an unknown model is asked for once."""

    def __init__(self, base_url: str, api_key: str, model: str, timeout: float):
        self.model = model
        self._client = openai.OpenAI(
            base_url=base_url or None, api_key=api_key, timeout=timeout, max_retries=2
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
        rows = [self._ask(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
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
