"""What a tool answers when it cannot do what it was asked: a sentence that a model can act on."""


class ToolProblem(Exception):
    """`sentence` is shown to the model: what is wrong and what to do next, never a value of others.

    `code` is stable: unknown_tool, not_allowed, invalid_arguments, identify_first, not_found,
    refused, confirmation, limit, unsupported (by the shop's system), unavailable or failed.
    """

    def __init__(self, code: str, sentence: str):
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


def identify_first() -> ToolProblem:
    """Nobody has proven to be a customer."""
    return ToolProblem(
        "identify_first",
        "Identify first: this is only told to a customer who is proven. Ask for the e-mail that"
        " the shop knows and send a code with customer_identify, or hand over to a person.",
    )
