"""The worker process: dramatiq around the actors, crewai loaded once before it forks."""

import gc
import importlib

from dramatiq import cli

from sidecar.settings import Settings

_ACTORS = "sidecar.tasks.actors"


def serve(settings: Settings) -> None:
    """Run the workers until the process is told to stop."""
    importlib.import_module(_ACTORS)
    gc.freeze()  # forked workers then share the pages of what was imported
    arguments = cli.make_argument_parser().parse_args(
        [
            f"{_ACTORS}:broker",
            "--processes",
            str(settings.worker_processes),
            "--threads",
            str(settings.worker_threads),
            "--worker-shutdown-timeout",
            "20000",
            "--skip-logging",
        ]
    )
    raise SystemExit(cli.main(arguments))
