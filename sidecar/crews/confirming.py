"""A change that a customer is asked to agree to, and one that was made: said by code.

The token of a preview never reaches a model. What is shown is exactly what would be done, and only
a customer's own yes in the next turn does it.
"""

from typing import Any

from sidecar.llm.sentences import number, translations


def preview_text(tool: str, preview: dict[str, Any], language: str) -> str:
    """What a customer is shown of a preview, with the question. language: Odoo's code."""
    _ = translations(language).gettext
    lines = _lines(preview, language)
    if tool == "calendar_cancel":
        asked = _("Shall I cancel it?")
    elif preview.get("still_to_ask"):
        asked = _("To go on I still need: %(what)s.") % {"what": ", ".join(preview["still_to_ask"])}
    else:
        asked = _("Is that right? Shall I go ahead?")
    policy = [str(preview["policy"])] if preview.get("policy") else []
    return "\n".join([_("Please check:"), *lines, *policy, "", asked])


def done_text(tool: str, answer: dict[str, Any], language: str) -> str:
    """What a customer is told of what a tool did, where no model says it."""
    _ = translations(language).gettext
    quotation, booking = answer.get("quotation"), answer.get("booking")
    if isinstance(quotation, dict):
        told = {"name": quotation["order"], "total": quotation["total"]["text"]}
        return _("Done! Your quotation %(name)s is ready, %(total)s in all.") % told
    if isinstance(booking, dict):
        told = {"service": booking["service"], "start": booking["start"]}
        if tool == "calendar_cancel":
            return _("Done! %(service)s, %(start)s, is cancelled.") % told
        return _("Done! %(service)s is booked for %(start)s.") % told
    return _("Done!")


def _lines(preview: dict[str, Any], language: str) -> list[str]:
    _ = translations(language).gettext
    found = [
        f"• {number(line['quantity'], language)} × {line['name']} – {line['total']['text']}"
        for line in preview.get("lines", [])
    ]
    found += [f"• {entry}" for entry in preview.get("again", [])]
    if preview.get("total"):
        found.append(_("Total: %(total)s") % {"total": preview["total"]["text"]})
    if preview.get("service"):
        found.append(f"• {preview['service']} – {preview['start']}")
    if preview.get("before"):
        found.append(_("Until now: %(start)s") % {"start": preview["before"]})
    found += [f"• {name}: {value}" for name, value in preview.get("answers", {}).items()]
    return found
