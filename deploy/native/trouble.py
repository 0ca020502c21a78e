"""The one exception whose text a person reads: it names what is wrong and what to do."""


class Trouble(Exception):
    """Something a person can mend. `str()` is one line; `details` are log lines to show."""

    def __init__(self, message: str, details: list[str] | None = None) -> None:
        super().__init__(message)
        self.details = details or []
