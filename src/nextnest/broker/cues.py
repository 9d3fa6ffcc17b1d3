"""The words by which customers say what a number of theirs is, and what they are, have and want.

All patterns are for lower-case text with plain apostrophes, one clause at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SUM = r"(?:(?:s?\$|sgd)\s?)?\d(?:[\d,]*\d)?(?:\.\d+)?\s?(?:k|mil(?:lion)?|m|thousand)?"
_NO_SUM = r"(?![\d%]|[.,]\d|\s?(?:%|percent|years?|yrs?|months? (?:left|old))|[a-z]*\d)(?![a-z])"
AMOUNT = rf"(?P<amount>{SUM}){_NO_SUM}"
PERCENT = r"(?P<percent>\d{1,2}(?:\.\d+)?)\s?(?:%|percent|per cent|pct)"
YEARS = r"(?P<years>\d{1,2})\s?-?(?:years?|yrs?)\b"
_NEAR = r"(?:(?!\band\b|\bplus\b)[^\d?;]){0,22}?"  # between a word and its number: no other number or thought
_HOME = (
    r"(?:hdb|condo(?:minium)?|flat|house|ec|unit|apartment|landed|property|place|home"
    r"|[1-5][- ]?(?:room|rm|bedder|bedroom)(?:er)?)"
)
_PARTNER = r"(?:wife|wifey|husband|hubby|spouse|partner|fianc[eé]e?|gf|bf|girlfriend|boyfriend)"


@dataclass(frozen=True)
class Cue:
    """A pattern around a number that says what it is; outside `least` and `most` it is something else.

    `supposed`: it says what is asked about, never what is so.
    """

    field: str
    pattern: re.Pattern[str]
    least: int = 0
    most: int = 1_000_000_000
    supposed: bool = False


def _cue(field: str, pattern: str, least: int = 0, most: int = 10**9, *, supposed: bool = False) -> Cue:
    return Cue(field, re.compile(pattern), least, most, supposed)


_MONTHLY = r"(?:(?:a|per) month |monthly )?"
_PAY = r"(?:my|our|his|her|monthly|gross|basic) pay"
_DEBT = r"(?:debts?|commitments?|loans?)"
_LOOKING_AT = r"(?:buying|purchasing|buy|purchase|looking at|considering|eyeing|found)"
_LOAN_OF = r"(?:borrow|loan|mortgage|instal\w+)\s(?:of |for |on |is |about )*"
_TENURE = r"(?:\bover|\bfor|\btenure(?: of| is)?|\bperiod(?: of)?|\bin|\babout|@)"

NUMBERS = (
    _cue(
        "income",
        rf"\b(?:earn(?:s|ed|ing)?|make|makes|draw(?:s|ing)?|get paid|take[- ]home)\b{_NEAR}{AMOUNT}",
        500,
        300_000,
    ),
    _cue("income", rf"\b(?:income|salary|salaries|wages?|{_PAY})\b{_NEAR}{AMOUNT}", 500, 300_000),
    _cue(
        "income",
        rf"\b(?:raise|increment|promot\w+|pay (?:just )?(?:went up|increased)) to {AMOUNT}",
        500,
        300_000,
    ),
    _cue("income", rf"{AMOUNT}\s{_MONTHLY}(?:income|salary|pay)\b", 500, 300_000),
    _cue("income", rf"^(?:household|combined)\s{AMOUNT}$", 500, 300_000),
    _cue("income", rf"{AMOUNT}\s(?:a |per )(?:month|mth) (?:before (?:tax|cpf)|gross)\b", 500, 300_000),
    _cue(
        "income",
        rf"^(?:and )?(?:(?:my )?{_PARTNER}(?:'s)?|me|mine|hers|his):?\s(?:is )?{AMOUNT}"
        r"(?:\s(?:gross|too|also))?$",
        500,
        300_000,
    ),
    _cue(
        "income",
        rf"\bwork(?:s|ing)?(?! since)\s(?:as an?|part[- ]?time|full[- ]?time)\b{_NEAR}{AMOUNT}",
        500,
        300_000,
    ),
    _cue(
        "outstanding_loan",
        r"\b(?:outstanding|balance|owe|owing|remaining loan"
        r"|loan (?:left|remaining))\b"
        rf"{_NEAR}{AMOUNT}",
        5_000,
    ),
    _cue("outstanding_loan", rf"{AMOUNT}\s(?:loan )?(?:is )?(?:outstanding|left|remaining|balance)\b", 5_000),
    _cue(
        "property_value",
        rf"\b(?:valuation|valued at|market value|{_HOME} (?:is )?(?:now )?worth)\b{_NEAR}{AMOUNT}",
        50_000,
    ),
    _cue(
        "property_price",
        rf"\b(?:price|priced|asking|costs?|going for|selling (?:for|at))\b{_NEAR}{AMOUNT}",
        50_000,
    ),
    _cue(
        "property_price",
        rf"\b(?:the|this|our|that)\s{_HOME}\s(?:is|costs?)\s(?:about |around )?{AMOUNT}",
        100_000,
    ),
    _cue(
        "property_price",
        rf"\b{_LOOKING_AT}\s(?:an?|this|the)?\s?{AMOUNT}\s(?:[\w-]+\s){{0,4}}?{_HOME}\b",
        50_000,
    ),
    _cue(
        "property_price",
        rf"\b{_LOOKING_AT}\s(?:an?|this|the)?\s?(?:[\w-]+\s){{0,4}}?{_HOME}\s(?:at|for|around|about|of|worth)\s{AMOUNT}",
        50_000,
    ),
    _cue("property_price", rf"{AMOUNT}\s(?:asking )?price\b", 50_000),
    _cue("loan_amount", rf"\b(?:want|need|like|looking|plan\w*) to (?:borrow|loan)\b{_NEAR}{AMOUNT}", 5_000),
    _cue("loan_amount", rf"\b{_LOAN_OF}{AMOUNT}", 20_000, supposed=True),
    _cue(
        "loan_amount",
        rf"{AMOUNT}\s(?:home |housing |bank |commercial )?(?:loan|mortgage)\b",
        20_000,
        supposed=True,
    ),
    _cue("monthly_debts", rf"\b(?:(?:monthly|total|other|existing) )+{_DEBT}\b{_NEAR}{AMOUNT}", 50, 50_000),
    _cue("monthly_debts", rf"\bdebts? (?:is |are |now |come to |only )+{AMOUNT}", 50, 5_000),
    _cue("cpf_available", rf"{AMOUNT}\s(?:in |from |of )?(?:my |our )?(?:cpf|oa)\b", 100),
    _cue("cash_available", rf"{AMOUNT}\s(?:in |of )?(?:cash|savings|saved)\b", 100),
    _cue("cpf_available", rf"\b(?:cpf|oa)\b(?! (?:to|for)){_NEAR}{AMOUNT}", 100),
    _cue("cash_available", rf"\b(?:cash|savings)\b{_NEAR}{AMOUNT}", 100),
    _cue("current_rate", rf"\b(?:now|currently|presently) (?:taking|on|with|at)\b{_NEAR}{PERCENT}", 0, 15),
    _cue(
        "current_rate",
        r"\b(?:my (?:interest )?rate|paying)(?: is| now| at)*\s(?P<percent>\d\.\d{1,2})(?![\d.,k])",
        0,
        15,
    ),
    _cue(
        "current_rate",
        rf"\b(?:current\w*|paying|my (?:interest )?rate|rate (?:is )?now)\b{_NEAR}{PERCENT}",
        0,
        15,
    ),
    _cue(
        "rate_pct",
        r"\brate (?:is|at|of|was|about|abt) (?P<percent>\d\.\d{1,2})(?![\d.,k%])",
        0,
        15,
        supposed=True,
    ),
    _cue(
        "rate_pct",
        rf"(?:\bat|@|\brate(?: of| about| abt| is)?|\binterest(?: of)?)\s?{PERCENT}",
        0,
        15,
        supposed=True,
    ),
    _cue(
        "rate_pct",
        r"^(?:and |or |then |ok |so )*(?:(?:what|how) about|at|with|for)(?: the)?"
        r" (?P<percent>\d\.\d{1,2})(?: one| package| rate)?$",
        0,
        15,
        supposed=True,
    ),
    _cue("rate_pct", r"^(?:and |or |then )*at (?P<percent>\d)$", 0, 15, supposed=True),
    _cue("remaining_months", rf"{YEARS}\s(?:(?:more )?(?:left|remaining|to go)|more$)", 1, 40),
    _cue("remaining_months", rf"\b(?:remaining|left)\b{_NEAR}{YEARS}", 1, 40),
    _cue("tenure_months", rf"{_TENURE}\s{YEARS}(?! (?:ago|old))", 1, 40, supposed=True),
    _cue("tenure_months", rf"{YEARS}\s(?:loan|tenure|period|mortgage)", 1, 40, supposed=True),
)
HOME_SUM = re.compile(  # "resale hdb around 620k", "1.5m condo"
    rf"\b{_HOME}\s(?:(?:is|at|for|around|about|abt|near|roughly|asking|price|budget)\s)*{AMOUNT}"
    rf"|(?<![\w.,]){AMOUNT.replace('amount', 'before')}\s(?:[a-z-]+\s){{0,2}}{_HOME}\b(?! loan)"
)
NO_PRICE = re.compile(  # what a sum beside a home may be as well, or what is asked of it
    r"\b(?:dut(?:y|ies)|absd|bsd|tax|loans?|mortgage|instal\w+|monthly|month|down ?payment|cash|cpf|rates?"
    r"|grants?|cov|left|outstanding|balance|rent\w*)\b"
)
ASKING = re.compile(
    r"\b(?:how|what|wat|which|when|where|why|who|can|could|should|shall|may i|is it|is my|do i|need to"
    r"|want to know|anot|or not|meh)\b",
    re.IGNORECASE,
)
LOOSE_SUM = re.compile(rf"(?<![\w.,]){AMOUNT}")
LOOSE_YEARS = re.compile(
    rf"(?<![\w.,])(?<!after )(?<!every )(?<!stay ){YEARS}"
    r"(?!\s?(?:old|ago|left|remaining|lock|fix|float|package|noa|same|experience|at\b|in\b|with\b|working))"
)
LOOSE_PERCENT = re.compile(rf"(?<![\w.,]){PERCENT}(?!.*\b(?:leav\w+|rule|limit|grant|cash|down)\b)")

DENIED = re.compile(r"\bnot (?:s?\$)?$")  # "income not 8000, it's 8,600"
RANGE_AFTER = re.compile(r"^\s?(?:-|to|~|or)\s?(?:s?\$)?\d")
RANGE_BEFORE = re.compile(r"\d\s?k?\s?(?:-|to|~|or)\s?(?:s?\$)?$")

CLAUSE = re.compile(
    r"[.!?;\n](?=\s|$)|[\n;]|,(?!\d)|\s(?:but|then)\s|\sand\s(?=(?:i|my|we|our|she|he|no|wife|husband|mine|hers|his)\b)"
    rf"|\s(?=(?:i|she|he|(?:my )?{_PARTNER})\s(?:earns?|makes?|draws?|takes? home|gets? paid)\s)",
    re.IGNORECASE,
)
IF_PARTNER = re.compile(rf"\bif (?:my |the )?(?:{_PARTNER}|she|he)\b")
IMAGINED = re.compile(
    r"\b(?:(?:what|how) (?:if|about)|suppos(?:e|ing)|say|assum\w+|imagine|hypothetical\w*|maybe|might"
    r"|(?:could|would) be|earned|were|goes? up|get (?:a |my )?(?:raise|increment)|increases?|instead"
    r"|next year)\b"
)
ASKED_WITH = re.compile(
    r"\bif\b"
    r"|(?<!left )\bwith\s(?:an?\s|my\s|our\s)?(?:s?\$|\d[\d.,]*\s?(?:k|m|%)|\d{4}|salary|income|pay)"
    r"|(?:^(?:so |and |then |ok )?|\b(?:how much|what|which|when|how) )"
    r"(?:can|could|should|would|will|is|are|do|does) (?:the|an?|my|our)\b"
    r"|\b(?:can|could|should|would|will|is|are|do|does|am) (?:i|we|it|you)\b"
    r"|\b(?:can|able to) (?:buy|afford|loan|borrow)\b"
)
PARTNER = re.compile(rf"\b(?:my|the|our)?\s?(?:{_PARTNER}|co-?borrower)\b|\b(?:she|he|hers)\b|^his\b")
PARTNER_NAMED = re.compile(rf"\b(?:{_PARTNER}|co-?borrower|we|both)\b")
TOGETHER = re.compile(r"\b(?:we|our|us|combined|household|joint(?:ly)?|together|both|total)\b")
OTHER_PERSON = re.compile(
    r"\b(?:mum|mother|mom|dad|father|parents?|brother|sister|son|daughter|friend|boss|uncle|aunt\w*|colleague)\b"
)
GROSS = re.compile(r"\b(?:before cpf|gross|b4 cpf)\b")
NOT_MONTHLY_GROSS = re.compile(
    r"\b(?:a|per|each|every) (?:year|annum|week|day|hour)\b"
    r"|\b(?:annual(?:ly)?|yearly|weekly|p\.?a\.?|take[- ]?home|nett?|after cpf)\b"
    r"|\b(?:commission|bonus|variable|used to|last year|previous|usd|us\$|rm|myr)\b"
)

_NO_AGE = (
    r"\w|[.,]\d|\s?(?:%|k\b|mins?\b|minutes|hours|days|weeks|months|years?\b(?! old| of age)|percent"
    r"|\s(?:next|in|come|coming|soon|this (?:coming )?(?:month|week|"
    r"dec|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov))\b)"
)
_AGE = rf"(?P<age>\d{{2}})(?!{_NO_AGE})"
WORKING_AGES = range(18, 100)
AGES = (
    (
        0,
        re.compile(
            rf"\b(?:i am|i'm|im|my age is|i turn(?:ed)?|age[d]?)\s(?:single |married |now |already )*{_AGE}"
        ),
    ),
    (1, re.compile(rf"\b(?:{_PARTNER}(?:'s)?(?: age)?(?: is)?|she is|she's|he is|he's)\s{_AGE}")),
)
BOTH_AGES = re.compile(
    r"\b(?:we(?:'re| are)|(?:our )?ages?:?)\s(?P<first>\d{2})\s?(?:and|/|&)\s?(?P<second>\d{2})(?!\d|%|k)"
)
SAME_AGE = re.compile(rf"\bboth(?: of us)?(?: are| is|'re)?(?: now)?\s{_AGE}")

_FIRST, _SECOND = (AMOUNT.replace("amount", name) for name in ("first", "second"))
BOTH_INCOMES = re.compile(
    r"\b(?:earn(?:s|ing)?|incomes?|salar(?:y|ies)|make)\b"
    rf"{_NEAR}{_FIRST} (?:and|&) {_SECOND}(?! (?:years?|left))"
)

_WITHOUT = r"\b(?:no|(?:don't|do not|dun) have(?: any)?|without(?: any)?)"
_HOUSING_LOANS = r"(?:housing|home|property|mortgage|hdb) loans?"
CPF_USED = re.compile(r"\b(?:used|withdrawn|withdrew|refund\w*|return\w*|accrued)\b")  # no longer there
NO_DEBTS = re.compile(
    rf"{_WITHOUT}\s(?:other |any |more |existing |outstanding |monthly )*"
    r"(?:debts?|loans|(?<!\bno )loan|commitments?|liabilities)\b|\bdebt[- ]free\b"
)
NO_HOUSING_LOANS = re.compile(
    rf"{_WITHOUT}\s(?:other |any |existing |outstanding |current )*(?:{_HOUSING_LOANS}|mortgages?)\b"
)
DEBT_GONE = re.compile(
    rf"\b(?:all|my|our|the)\s(?:my |our |other )?(?:{SUM}\s)?debts?\s"
    r"(?:is |are |has been |have been |all |already )*(?:gone|cleared|paid off|settled|fully paid|closed)\b"
)
SOME_HOUSING_LOANS = re.compile(
    r"(?:^(?=one|two|three|[123]\b)|\b(?:have|got|with|still|paying(?: off)?|servicing)\s)"
    r"(?P<count>one|two|three|1|2|3|an?|another)\s"
    rf"(?:existing |outstanding |other |current )*{_HOUSING_LOANS}\b"
    rf"|\b{_HOUSING_LOANS}\s?[:x=]?\s?(?P<number>[1-3])(?![\w.,%])"
)
OF_OTHER_DEBT = re.compile(r"\b(?:car|study|student|reno(?:vation)?|personal) loans?\b")
COUNTS = {"a": 1, "an": 1, "another": 1, "one": 1, "two": 2, "three": 3, "1": 1, "2": 2, "3": 3}
LIMITED = re.compile(r"\b(?:except|only|just|apart from|other than|besides|yet|no idea)\b")
MARRIED = re.compile(r"(?<!not )\b(?:married|wife|wifey|husband|hubby|spouse)\b")

_PERMIT = r"(?:ep|employment pass|s[ -]?pass|work (?:permit|pass)|dp|dependant(?:'s)? pass|ltvp)"
RESIDENCIES = {
    "sc": r"singaporeans?|s'?poreans?|singapore citizens?|citizens?|sc|sinkie|pink ic",
    "pr": r"(?:\w+(?:an|ese) )?(?:with |sg )?(?:prs?|sprs?|permanent residents?|blue ic)(?: holder)?",
    "foreigner": r"foreigners?|expats?|(?!singapore)\w+ nationals?"
    r"|(?!singapore)\w+(?:an|ese|ish|ino|i) citizens?"
    rf"|(?:on|holding) (?:an? )?{_PERMIT}|{_PERMIT} holders?",
}
EMPLOYMENTS = {
    "self_employed": r"self[- ]?employed|freelanc(?:er|ing)"
    r"|(?:a )?(?:business owner|(?:grab|phv|taxi) driver)",
    "employed": r"employed|an employee|salaried",
    "not_working": r"not working|unemployed|a homemaker|a housewife|retired",
    "variable": r"(?:on )?commission(?:[- ]based| only)",
}
DRIVES = re.compile(r"\bi(?:'m| am)? (?:drive|driving) (?:for )?(?:a )?(?:grab|gojek|tada|taxi|phv)\b")
SUPPOSED_BEING = r"(?:for|as|if)\s(?:an?\s|i am an?\s)?"  # "stamp duty for a foreigner"
BEING = (
    ((0,), r"(?:i am|i'm|im)"),
    ((1,), rf"(?:{_PARTNER}(?: is|'s)?|she is|she's|he is|he's)"),
    ((0, 1), r"(?:(?:we are|we're)(?: both)?|both(?: of us)?(?: are)?)"),
)

_ADJECTIVES = (
    r"(?:first |second |new |resale |new launch |\d[- ]?(?:room|rm|bedder|bedroom) |freehold "
    r"|(?:s?\$)?\d[\d.,]*\s?(?:k|m|mil|million)? )*"
)
LOOKING = (
    r"(?:^|(?:i am|i'm|im|we are|we're|want to|wan to|wanna|want|looking to|planning to|hoping to|like to"
    r"|couple|family)\s)(?:be )?"
    r"(?:buy(?:ing)?|purchas(?:e|ing)|look(?:ing)? (?:at|for|to buy)|get(?:ting)?)\s"
    rf"(?:an?|the|this|our|my)?\s?{_ADJECTIVES}"
)
PROPERTY_TYPES = {
    "ec": r"ec|executive condo(?:minium)?",
    "hdb": r"hdb(?: flat)?|bto|(?:resale )?flat",
    "condo": r"condo(?:minium)?|apartment",
    "landed": r"landed(?: property| house)?|terrace|semi-?d|bungalow",
    "commercial": r"shophouse|shop|office(?: unit)?|factory|warehouse|commercial property",
}
FINANCED = r"\b(?:loan|mortgage|financing) (?:for|on) (?:an? |the |my |our )?"  # before one of PROPERTY_TYPES
COMMERCIAL_LOAN = re.compile(r"\bcommercial (?:property )?(?:loan|mortgage|financing)\b")
_OWNABLE = r"(?:home|property|house|flat|condo|place|hdb)"
_FOR_THE = r"\b(?:for|if|about) (?:a |the |my |our )?"  # "and for the second one?"
OWNED = (
    (
        0,
        re.compile(
            rf"\b(?:1st|first)[- ](?:{_OWNABLE}|timers?|time buyers?|only)\b"
            rf"|\b(?:don't|do not|dont|dun|never) (?:own|have) (?:an?|any) (?:other )?"
            rf"(?:{_OWNABLE}|properties)s?\b"
        ),
    ),
    (
        1,
        re.compile(
            r"\b(?:for|if|about) (?:a |the |my |our )?(?:2nd|second)(?: one)?$"
            rf"|\b(?:2nd|second|another)[- ]{_OWNABLE}\b|\bown (?:one|1|an?|my|our) (?:own )?{_OWNABLE}\b"
        ),
    ),
    (
        2,
        re.compile(
            r"\b(?:for|if|about) (?:a |the |my |our )?(?:3rd|third)(?: one)?$"
            rf"|\b(?:3rd|third)[- ]{_OWNABLE}\b|\bown (?:two|2) (?:{_OWNABLE}s|properties)\b"
        ),
    ),
)
_INTENDS = r"\b(?:want|wan|wanna|like|look(?:ing)?|plan\w*|hop(?:e|ing)|need|intend\w*|am|are|i'm|we're)"
PURPOSES = {  # what the customer says of the own plan
    "refinance": rf"{_INTENDS} (?:to |at )?refinanc(?:e|ing)\b",
    "equity_loan": rf"{_INTENDS} (?:to )?"
    r"(?:(?:do |take )?(?:an? )?(?:equity loan|cash[- ]?out)|borrow against)\b",
    "new_purchase": rf"{_INTENDS} (?:to |for |of )?"
    rf"(?:buy(?:ing)?|purchas(?:e|ing)|get(?:ting)? (?:an?|our|my) (?:first |new )?{_HOME})\b",
}
HAS_IPA = re.compile(
    r"(?<!to )(?<!not )(?<!don't )\b(?:already )?(?:have|got) (?:an? |my |our )?"
    r"(?:ipa|aip|in-principle approval)\b"
)
ASKS_FOR_IPA = re.compile(r"\b(?:do|should|must|need|not|don't) (?:i |we )?(?:to )?(?:have|got)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LOCK_IN_ENDS = re.compile(
    r"\block(?:ed)?[- ]?in\b[^.;?\d]{0,20}?\b(?:ends?|ending|until|till|expir\w+|finish\w*|over|up)\b"
    r"[^.;?\d]{0,8}?"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s)?\b(?P<month>{'|'.join(_MONTHS)})[a-z]*\s?,?\s?(?P<year>20\d\d)\b"
)
LOCK_IN_MONTH = re.compile(  # which year?
    rf"\block(?:ed)?[- ]?in\b[^.;?\d]{{0,40}}?\b(?:{'|'.join(_MONTHS)})[a-z]*\b(?!,?\s?20\d\d)"
)
MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)}
BANK = re.compile(
    r"\b(?:(?:currently|now|presently|loan|loan is|mortgage|mortgage is|i'm|im|i am|we're|we are)\swith|"
    r"(?:(?:current|present|existing|my) bank(?: is|:)?|^bank is))\s"
    r"(?P<bank>dbs|posb|ocbc|uob|hsbc|standard chartered|scb|maybank|citibank|citi|boc|rhb|cimb|hong leong)\b"
)
_BUT_IF = r"^(?:and |then |ok |or )*(?:what about|how about|what if|if|and|then)\s"
INSTEAD = rf"{_BUT_IF}(?:it'?s |it is |for |(?:i |we )?buy(?:ing)? )*(?:an?\s|the\s)?{_ADJECTIVES}"  # of home
AFFORDING = (
    rf"\b(?:can|could|able to) (?:\w+ )?(?:afford|buy|get)\s(?:an?\s|the\s|this\s)?{_ADJECTIVES}"  # of home
)
JOINS = re.compile(
    rf"\b(?:my {_PARTNER}|she|he) (?:also )?(?:joins?|joining|comes? in|co-?borrows?)\b"
    rf"|\b(?:add|adding|include|put|together with) my {_PARTNER}\b"
)
