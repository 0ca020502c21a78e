"""What is said where a person takes over: to the customer, and to the team."""

from sidecar.llm.sentences import translations


def person_text(code: str, language: str) -> str:
    """What the customer is told. language: Odoo's code, of the customer's sentences."""
    _ = translations(language).gettext
    if code in ("angry", "damaged"):
        return _("I am sorry about this. I am calling a person of our team to help you.")
    return _("One moment, please: I am calling a person of our team.")


def person_reason(code: str, language: str) -> str:
    """Why, for the team. language: the tenant's."""
    _ = translations(language).gettext
    if code == "angry":
        return _("the customer is angry")
    if code == "damaged":
        return _("something arrived broken or wrong")
    return _("the customer asked for a person")
