"""Who the customer is: proven by a code, and what the shop keeps of them."""

import re

from pydantic import Field

from sidecar.tools.answers import Answer, Told
from sidecar.tools.arguments import Arguments, Nothing
from sidecar.tools.context import ToolContext
from sidecar.tools.person import Person, only_match
from sidecar.tools.problems import ToolProblem
from sidecar.tools.tool import tool

# without what mail programs read past ("bia(x)@…", "bia@…:"): each spelling would count anew
_PART = r"[^@\s,;:<>()\[\]\\\"\x00-\x1f]"
_ADDRESS = re.compile(rf"{_PART}{{1,64}}@{_PART}{{1,190}}\.{_PART}{{1,23}}(?!\.){_PART}")


class Address(Arguments):
    email: str = Field(max_length=254, description="As the customer wrote it.")


class Sent(Answer):
    say: str


@tool("customer_identify", "customers")
def customer_identify(context: ToolContext, arguments: Address) -> Sent:
    """Send a one-time code to the e-mail address that the customer says is theirs. Then ask for
    the code.

    Whether the shop knows the address is never told.
    """
    codes = context.codes
    if codes is None or context.memory is None:
        raise ToolProblem(
            "unsupported", "The shop sends no codes here. Hand over to a person instead."
        )
    if not _ADDRESS.fullmatch(arguments.email):
        raise ToolProblem("invalid_arguments", "That is no e-mail address; ask for it again.")
    language = context.tenant.language
    codes.send(
        arguments.email,
        lambda code: context.proxy.mail_identity_code(arguments.email, code, language),
    )
    return Sent(
        say="If the shop knows this address, a code of six digits is on its way to it. It holds for"
        " ten minutes. Ask the customer for it."
    )


class Code(Arguments):
    code: str = Field(max_length=40, description="Six digits, as the customer wrote them.")


class Proven(Answer):
    name: str
    say: str


@tool("customer_verify", "customers")
def customer_verify(context: ToolContext, arguments: Code) -> Proven:
    """Check the one-time code that the customer received; afterwards their orders, invoices and
    bookings can be told."""
    codes, memory = context.codes, context.memory
    if codes is None or memory is None:
        raise ToolProblem(
            "unsupported", "The shop sends no codes here. Hand over to a person instead."
        )
    digits = re.sub(r"\D", "", arguments.code)
    email = codes.check(digits) if len(digits) == 6 else None
    found = only_match(context.proxy, email=email) if email else None
    if found is None:
        raise ToolProblem(
            "refused",
            "The code is wrong or over. Ask to look again, or send a new one with"
            " customer_identify.",
        )
    person = Person(found["id"], found["name"], "code")
    memory.keep(person)
    context.identity.become(person)
    return Proven(name=person.name, say="The customer is proven for this conversation.")


class Place(Told):
    kind: str
    text: str


class Profile(Answer):
    name: str
    email: str = ""
    phone: str = ""
    price_list: str = ""
    addresses: list[Place] = []
    customer_since: str = ""
    orders: int = 0


@tool("customer_profile", "customers", personal=True)
def customer_profile(context: ToolContext, arguments: Nothing) -> Profile:
    """What the shop keeps of the customer who asks: contact, addresses, since when."""
    told = context.proxy.partner_profile(context.partner_id)
    if not told:
        raise ToolProblem("not_found", "The shop does not know this customer any more.")
    return Profile(
        name=told["name"],
        email=told["email"],
        phone=told["phone"],
        price_list=told["pricelist"],
        addresses=[Place(**address) for address in told["addresses"]],
        customer_since=told["since"] or "",
        orders=told["orders"],
    )
