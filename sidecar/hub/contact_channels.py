"""Which channels know a contact by one number: those of one Chatwoot account, gone ones too."""

import re
from collections.abc import Iterable
from typing import Any

from sidecar.tenants.doors import chatwoot_named, chatwoot_of
from sidecar.tenants.schema import Tenant

_PAGE = re.compile(r"(.+)/app/accounts/(\d+)/conversations/\d+")


def channels_of(
    tenant: Tenant | None, named: int, rows: Iterable[dict[str, Any]], left: Iterable[int]
) -> frozenset[int]:
    """The channel `named` and all that know its contacts by the same number.

    rows: traces, whose `chatwoot_url` tells where a channel was that is gone. left: channels that
    still hold something of the contact. Of a gone channel that nothing places any more all is
    meant: nobody can be answered there.
    """
    if tenant is None:
        return frozenset({named})
    there = {one.id: chatwoot_of(one) for one in tenant.channels}
    for row in rows:
        page = _PAGE.fullmatch(row.get("chatwoot_url", ""))
        if page:
            there.setdefault(row["channel_id"], chatwoot_named(page[1], int(page[2])))
    here = there.get(named)
    alike = {channel for channel, place in there.items() if place == here}
    return frozenset({named, *alike, *(set(left) - set(there))})
