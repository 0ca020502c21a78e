"""Why a turn goes where it goes: English for operators, the tenant's language for its people."""

from dataclasses import dataclass, field

from sidecar.llm.sentences import translations


def _(text: str) -> str:
    """Mark for the catalogs; it is translated when it is said."""
    return text


@dataclass(frozen=True, slots=True)
class Because:
    """One reason. named: what stands in its text."""

    text: str
    named: dict[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.text % self.named

    def said(self, language: str) -> str:
        """For the trace that a tenant's people read."""
        return translations(language).gettext(self.text) % self.named


CHANNELS_CREW = Because(_("it is the channel's crew"))
KEPT = Because(_("it is the crew this conversation is with"))
KEYWORD = Because(_("the customer's words have a keyword of it"))
CHOSEN = Because(_("the customer chose it in the menu"))
NOT_CHOSEN = Because(_("the menu was not answered; it is the channel's crew"))
ASKED = Because(_("the customer is asked to choose"))
_OWNERS = _("the number is an owner's, and %(crew)s is enabled")
_OWNERS_IS_OFF = _(
    "the number is an owner's, but %(crew)s is not enabled; it is the channel's crew"
)
_PASSED_ON = _("%(crew)s passed the turn on")


def owners(crew: str, enabled: bool) -> Because:
    """The person is the owner. crew: the owner's."""
    return Because(_OWNERS if enabled else _OWNERS_IS_OFF, {"crew": crew})


def passed_on(crew: str) -> Because:
    """`crew` named another one."""
    return Because(_PASSED_ON, {"crew": crew})
