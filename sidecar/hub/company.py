"""What the desk itself has to know of a company: its own words, and whether it is open."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sidecar.data_proxy.hours import Hours


@dataclass(frozen=True, slots=True)
class Company:
    """A company's profile (`company_profile` of docs/rules.md), or nothing where it has none."""

    profile: dict[str, Any] = field(default_factory=dict)
    language: str = "en"
    timezone: str = "America/Sao_Paulo"

    def text(self, name: str) -> str:
        """The company's own `greeting`, `farewell` or `rating_request`, or ""."""
        return str(self.profile.get("texts", {}).get(name) or "").strip()

    def closed(self, now: datetime) -> str:
        """A sentence that it is closed at `now` (aware) and when it opens; "" when it is open."""
        told = self.profile.get("hours")
        if not told:
            return ""
        zone = str(self.profile.get("timezone") or self.timezone)
        hours = Hours(told, zone, self.language)
        state = hours.state(now)
        if state.open or state.reason == "unknown":
            return ""
        return hours.state_sentence(state, now)
