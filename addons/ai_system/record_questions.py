"""Checks what somebody asks of plain records: domains, orders, groups. Plain Python.

Only stored fields that the caller was told of, no paths into other models, no operators that
search through them, and nothing of unlimited size.
"""

COMPARING = frozenset({"=", "!=", "<", ">", "<=", ">=", "in", "not in"})
MATCHING = frozenset({"like", "ilike", "not like", "not ilike", "=like", "=ilike"})
BELOW = frozenset({"child_of"})
TEXTS = frozenset({"char", "text"})
NUMBERS = frozenset({"integer", "float", "monetary"})
DATES = frozenset({"date", "datetime"})
GROUPED = frozenset({"many2one", "selection", "boolean"})
PERIODS = frozenset({"day", "week", "month", "quarter", "year"})
SUMS = frozenset({"sum", "avg", "min", "max"})
TREES = frozenset({"categ_id"})  # whose own model may be read too
MAX_LEAVES, MAX_VALUES, MAX_TEXT, MAX_NESTED = 30, 200, 200, 60
MAX_GROUPS, MAX_AGGREGATES = 3, 5


class BadQuestion(ValueError):
    """What is wrong: `code` names the part, `field` the name that is not allowed, if it is one."""

    def __init__(self, code, field=""):
        super().__init__(code)
        self.code = code
        self.field = field


def checked_domain(domain, kinds):
    """Return `domain` when it is allowed. kinds: {field: type}. Raises BadQuestion."""
    if not isinstance(domain, list | tuple) or len(domain) > MAX_NESTED:
        raise BadQuestion("domain")
    wanted, leaves = 1, 0
    for term in domain:
        # Polish notation: how many terms are still to come.
        if wanted == 0:
            wanted = 1
        if term in ("&", "|"):
            wanted += 1
        elif term != "!":
            _check_leaf(term, kinds)
            leaves += 1
            wanted -= 1
    if (domain and wanted) or leaves > MAX_LEAVES:
        raise BadQuestion("domain")
    return [tuple(term) if isinstance(term, list) else term for term in domain]


def checked_order(order, kinds):
    """Return `order` ("field desc, other") when it is allowed, "" for none. Raises BadQuestion."""
    if not order:
        return ""
    if not isinstance(order, str):
        raise BadQuestion("order")
    terms = []
    for term in order.split(","):
        name, *direction = term.split()[:3] or [""]
        if name not in kinds:
            raise BadQuestion("order", name or order)
        if [word.lower() for word in direction] not in ([], ["asc"], ["desc"]):
            raise BadQuestion("order")
        terms.append(" ".join([name, *direction]))
    # The id makes the order of equal records a certain one.
    return ", ".join(terms if "id" in kinds and terms[-1].startswith("id") else [*terms, "id"])


def parsed_groups(groupby, aggregates, kinds):
    """Return (groupby, aggregates) when they are allowed. Raises BadQuestion."""
    if not isinstance(groupby, list) or len(groupby) > MAX_GROUPS:
        raise BadQuestion("groupby")
    if not isinstance(aggregates, list) or not 1 <= len(aggregates) <= MAX_AGGREGATES:
        raise BadQuestion("aggregates")
    for spec in groupby:
        _check_group(spec, kinds)
    for spec in aggregates:
        _check_aggregate(spec, kinds)
    return list(dict.fromkeys(groupby)), list(dict.fromkeys(aggregates))


def _check_leaf(leaf, kinds):
    if not isinstance(leaf, list | tuple) or len(leaf) != 3:
        raise BadQuestion("domain")
    name, operator, value = leaf
    if not isinstance(name, str) or name not in kinds:
        raise BadQuestion("domain", str(name))
    kind = kinds[name]
    allowed = COMPARING | (MATCHING if kind in TEXTS else frozenset())
    allowed |= BELOW if name in TREES else frozenset()
    if not isinstance(operator, str) or operator not in allowed:
        raise BadQuestion("operator")
    many = operator in ("in", "not in")
    if isinstance(value, list | tuple) != many or (many and len(value) > MAX_VALUES):
        raise BadQuestion("value")
    for one in value if many else [value]:
        _check_value(one, kind)


def _check_value(value, kind):
    if value is False or value is None:
        return
    if kind == "boolean":
        right = isinstance(value, bool)
    elif kind in NUMBERS:
        right = isinstance(value, int | float) and abs(value) < 2**53
    elif kind == "many2one":
        # A name would be searched for in the other model.
        right = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
    else:
        # PostgreSQL keeps no NUL.
        right = isinstance(value, str) and len(value) <= MAX_TEXT and "\0" not in value
    if not right:
        raise BadQuestion("value")


def _check_group(spec, kinds):
    if not isinstance(spec, str):
        raise BadQuestion("groupby")
    name, colon, period = spec.partition(":")
    if name not in kinds:
        raise BadQuestion("groupby", name)
    fits = period in PERIODS if colon else kinds[name] in GROUPED
    if not fits or (colon and kinds[name] not in DATES):
        raise BadQuestion("groupby")


def _check_aggregate(spec, kinds):
    if not isinstance(spec, str):
        raise BadQuestion("aggregates")
    if spec == "__count":
        return
    name, _colon, how = spec.partition(":")
    if name not in kinds:
        raise BadQuestion("aggregates", name)
    dated = kinds[name] in DATES and how in ("min", "max")
    if not dated and (kinds[name] not in NUMBERS or how not in SUMS or name == "id"):
        raise BadQuestion("aggregates")
