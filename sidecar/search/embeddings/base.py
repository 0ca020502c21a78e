"""What makes dense vectors."""

from typing import Protocol

import numpy as np


class Embedder(Protocol):
    """Texts to vectors of one model. Thread-safe."""

    model: str
    dimension: int

    def embed(self, texts: list[str]) -> np.ndarray:
        """float32 (len(texts), dimension), each row of length 1. Raises sidecar errors."""
        ...
