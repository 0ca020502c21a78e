"""A model's API as a process: each answer takes a while and repeats the marks of the question."""

import argparse
import re
import time
from typing import Any

from tests.doubles.openai_api import DEFAULT_KEY, OpenAIDouble, compose

MARK = re.compile(r"\bref ([a-z]{9})\b")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()

    def brain(body: dict[str, Any]) -> str | dict[str, Any]:
        time.sleep(given.seconds)
        said = [m["content"] for m in body["messages"] if m.get("role") == "user"]
        marks = MARK.findall(str(said[-1])) if said else []
        if not marks or body.get("response_format"):
            return compose(body)
        return "\n".join(["Temos, sim.", *(f"ref {mark}" for mark in marks)])

    double = OpenAIDouble(DEFAULT_KEY, given.port, brain)
    print(double.url, flush=True)
    double.serve_forever()


if __name__ == "__main__":
    main()
