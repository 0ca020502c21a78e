"""`make bench`: speed, as ratios beside a bare baseline in the same run. Loopback, bounded.

`make bench` runs every row; `ROWS="turn search" make bench` only those. `ROWS=index make bench`
indexes 20,000 products with the local model, which takes minutes.
"""

import importlib
import os

ROWS = (
    "turn", "description", "bulk", "routing", "data", "mcp", "push", "webhook", "memory", "search",
    "studio",
)  # fmt: skip


def main() -> None:
    """The rows asked for, in their order."""
    for name in os.environ.get("ROWS", "").split() or ROWS:
        importlib.import_module(f"tests.bench.{name}").main()


if __name__ == "__main__":
    main()
