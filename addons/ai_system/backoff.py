"""When a job is tried again. Plain Python without Odoo; all figures are seconds.

Two clocks: a job that the sidecar never accepted costs nothing and is offered again soon, without
end; a job that ran and failed may have cost money and is tried at most MAX_RUNS times.
"""

SEND_FIRST = 5
SEND_LONGEST = 300
POLL_FIRST = 60
HURRIED_POLL_FIRST = 3  # a person looks at the form and waits
MAX_HURRIED_POLLS = 6  # about three minutes
RUN_FIRST = 300
MAX_RUNS = 3

# A second run would end the same way until a person changes something.
FINAL_CODES = frozenset(
    {
        "bad_request",
        "config_invalid",
        "conflict",
        "crew_disabled",
        "forbidden",
        "invalid_result",
        "not_configured",
        "not_found",
        "payload_too_large",
        "unauthorized",
        "unknown_account",
        "unprocessable",
        "upstream_refused",
    }
)


def _doubled(first: int, n: int, longest: int) -> int:
    # The exponent is capped so that a job that waits for weeks does not build huge integers.
    return min(first * 2 ** min(max(n - 1, 0), 16), longest)


def send_delay(send_attempts: int) -> int:
    """Wait after the n-th offer (n ≥ 1) that was refused, timed out or answered 5xx."""
    return _doubled(SEND_FIRST, send_attempts, SEND_LONGEST)


def poll_delay(polls: int) -> int:
    """Wait before asking for the n-th time (n ≥ 1) how an accepted job stands."""
    return _doubled(POLL_FIRST, polls, SEND_LONGEST)


def hurried_poll_delay(polls: int) -> int | None:
    """The same for a job that somebody waits for; None when it is not worth asking again."""
    if polls > MAX_HURRIED_POLLS:
        return None
    return _doubled(HURRIED_POLL_FIRST, polls, SEND_LONGEST)


def run_delay(attempts: int, code: str) -> int | None:
    """Wait after the n-th run (n ≥ 1) that failed with `code`; None when there is no next run."""
    if attempts >= MAX_RUNS or code in FINAL_CODES:
        return None
    return RUN_FIRST * 2 ** (attempts - 1)
