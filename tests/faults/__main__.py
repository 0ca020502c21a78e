"""`make test-faults`: the whole matrix with both brokers, printed; 1 when a cell is red."""

import sys
import tempfile
import time
from pathlib import Path

from tests.faults.house import FaultHouse
from tests.faults.matrix import bad, cells, final, printed, run


def main() -> int:
    wanted = sys.argv[1:]
    red = 0
    for rabbit in (False, True):
        started = time.monotonic()
        with (
            tempfile.TemporaryDirectory(prefix="faults-") as folder,
            FaultHouse(Path(folder) / "house", rabbit) as house,
        ):
            told = {}
            for cell in cells():
                if not wanted or any(word in str(cell) for word in wanted):
                    began = time.monotonic()
                    told[cell] = run(house, cell)
                    ends = ", ".join(end or "LOST" for _, end in told[cell])
                    print(f"  {cell!s:<36} {ends} ({time.monotonic() - began:.1f} s)", flush=True)
            found = final(house, told)
            spent = time.monotonic() - started
            name = "RabbitMQ" if rabbit else "Redis"
            print(f"\nbroker {name}, {len(found)} cells in {spent:.0f} s\n{printed(found)}\n")
            if bad(found):
                print(house.logs())
            red += len(bad(found))
    print(f"{red} cells are red" if red else "every message ended answered, handed off or alerted")
    return int(bool(red))


if __name__ == "__main__":
    sys.exit(main())
