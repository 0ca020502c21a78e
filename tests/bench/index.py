"""20,000 products indexed with the local model in one go, nothing embedded before.

Starts `sidecar vectors` on a free port of the loopback, and stops it. Bar: docs/search.md.
"""

import os
import resource
import tempfile
import time
from pathlib import Path

from sidecar.commands.search import bar
from sidecar.search.embeddings.minilm import MiniLM
from sidecar.search.indexer import Indexer
from sidecar.search.store import ProductStore
from sidecar.search.word_store import WordStore
from tests.bench.search import CONTEXT, PRODUCTS, products
from tests.vectors_process import VectorsProcess


def main() -> None:
    """One row."""
    model, facts = MiniLM(), products(PRODUCTS)
    with tempfile.TemporaryDirectory() as folder:
        vectors = VectorsProcess(Path(folder) / "vectors").start()
        try:
            client = vectors.client()
            store = ProductStore(client, CONTEXT, model.dimension)
            indexer = Indexer(store, model, CONTEXT, words=WordStore(client, CONTEXT))
            worked, started = time.process_time(), time.monotonic()
            indexer.sync(facts, complete=True, progress=bar)
            spent, worked = time.monotonic() - started, time.process_time() - worked
        finally:
            vectors.stop()
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"index 20k, MiniLM     {spent / 60:4.1f} min ({PRODUCTS / spent:.0f}/s; {worked / 60:.1f}"
        f" min of processor time; {largest:.0f} MiB) at load {os.getloadavg()[0]:.1f} on"
        f" {os.cpu_count()} cores (bar 10 min)"
    )


if __name__ == "__main__":
    main()
