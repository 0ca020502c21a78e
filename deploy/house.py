"""The commands behind the Makefile: `python3 deploy/house.py <verb>`."""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy.native import checking, running  # noqa: E402
from deploy.native.paths import open_house  # noqa: E402
from deploy.native.progress import Printer  # noqa: E402
from deploy.native.trouble import Trouble  # noqa: E402

VERBS = {
    "up": running.up,
    "down": running.down,
    "status": running.status,
    "logs": running.logs,
    "clean": running.clean,
    "distclean": running.distclean,
    "rotate-keys": running.rotate_keys,
    "lock": running.lock_versions,
    "test": checking.everything,
    "lint": checking.lint,
    "test-unit": checking.unit,
    "test-addons": checking.addons,
    "test-e2e": checking.end_to_end,
    "bench": checking.bench,
    "test-faults": checking.faults,
    "load": checking.load,
}
OF_THE_TESTS = {
    *("test", "lint", "test-unit", "test-addons", "test-e2e", "bench", "test-faults", "load"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy/house.py", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    verb = parser.parse_args().verb
    printer = Printer()
    os.umask(0o022)
    try:
        house = open_house(ROOT, test=verb in OF_THE_TESTS)
        VERBS[verb](house, printer)
    except Trouble as trouble:
        for line in trouble.details:
            printer.plain(f"    | {line}")
        printer.plain(f"make {verb}: {trouble}")
        return 1
    except BrokenPipeError:  # `make status | head`: nobody reads the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except PermissionError as error:
        printer.plain(f"make {verb}: no right to write {error.filename}: run it as its owner")
        return 1
    except KeyboardInterrupt:
        printer.plain(f"make {verb}: interrupted; run it again to go on")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
