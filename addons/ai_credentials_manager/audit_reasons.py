"""What the access log says in words: why something was refused, and what Verify found."""

from . import audit_chain


def in_words(env):
    """Return {code of a row: words} in the language of `env`; other codes speak for themselves."""
    return {
        "wrong_signature": env._("Wrong signature"),
        "malformed_headers": env._("Malformed signature"),
        "old_timestamp": env._("Too old"),
        "unknown_key": env._("Unknown key"),
        "unknown_account": env._("Unknown account"),
        "other_account": env._("Signed by another account"),
        "no_secret": env._("No secret to check it with"),
        "reused_nonce": env._("Replayed request"),
        "bad_request": env._("Malformed request"),
        "payload_too_large": env._("Too large"),
        "not_found": env._("No such secret"),
        "never_leased": env._("Never given out"),
        "vault_unavailable": env._("The vault cannot open it"),
        "internal_error": env._("Unforeseen failure"),
        "not_connected": env._("Not connected"),
        "unavailable": env._("Not reachable"),
        "unreachable": env._("Not reachable"),
        "timeout": env._("No answer in time"),
        "unauthorized": env._("Not authenticated"),
        "full": env._("No room to report more"),
        "rolled_back": env._("Undone: rolled back"),
        "read_only": env._("The log only grows"),
        audit_chain.ANCHOR_MISSING: env._("The file with the end of the log is missing"),
        audit_chain.ANCHOR_DIFFERS: env._("The log was rewritten or restored"),
        audit_chain.CHANGED: env._("An entry was changed"),
        audit_chain.MOVED: env._("Entries were reordered"),
        audit_chain.REMOVED: env._("Entries were removed"),
        audit_chain.FORGED: env._("An entry was added or rewritten"),
        audit_chain.UNPROVEN: env._("Entries are not proven by a key"),
        audit_chain.CUT: env._("The end of the log was cut off"),
    }


def fault_sentence(env, fault):
    """Return what a Fault of audit_chain says, a sentence in the language of `env`."""
    first, last = fault.first, fault.last
    one = {
        audit_chain.CHANGED: env._("Entry %(first)s was changed.", first=first),
        audit_chain.MOVED: env._(
            "The entry at number %(first)s was moved there from %(last)s.",
            first=first,
            last=last,
        ),
        audit_chain.REMOVED: env._("Entry %(first)s was removed.", first=first)
        if first == last
        else env._(
            "Entries %(first)s to %(last)s were removed.",
            first=first,
            last=last,
        ),
        audit_chain.FORGED: env._(
            "Entry %(first)s was not written by this system: it was added or rewritten.",
            first=first,
        ),
        audit_chain.UNPROVEN: env._(
            "Entries %(first)s to %(last)s were written with a key that is missing, or while "
            "there was none: nothing proves them until the next entry that has a key.",
            first=first,
            last=last,
        ),
        audit_chain.CUT: env._(
            "The log ends at entry %(first)s, but it had reached %(last)s: its end was cut "
            "off, or an older copy of the database was restored.",
            first=first,
            last=last,
        ),
        audit_chain.ANCHOR_DIFFERS: env._(
            "Entry %(first)s is not the one that is remembered outside the database: the log "
            "was rewritten, or an older copy of the database was restored.",
            first=first,
        ),
        audit_chain.ANCHOR_MISSING: env._(
            "The file outside the database that remembers the end of the log is missing: "
            "entries that were cut off at the end cannot be noticed."
        ),
    }
    return one[fault.kind]
