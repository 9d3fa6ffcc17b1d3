"""Right figure, right quantity, and still the wrong thing: another bank's, the old one's, a limit's, per year."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nextnest.broker.attribution import Said
from nextnest.broker.banks import banks_in
from nextnest.broker.grounds import Ground
from nextnest.domain.reply import EvidenceKind, Unit

_MONTHLY = frozenset({"instalment", "income", "debts", "saving"})
_LUMP = frozenset(
    "loan balance price valuation bsd absd ssd duties downpayment cash_or_cpf penalty fees grant levy total_paid".split()
)
_ANNUAL_LABEL = re.compile(r"annual|year|noa|per_annum")

_OLD = re.compile(
    r"\b(?:current(?:ly)?|existing|old|present(?:ly)?|today's|you(?:'re| are) (?:now )?paying)\b|现在的?|目前|原来|semasa|lama\b"
)
_OLD_AFTER = re.compile(r"^[ ,]*(?:now|today|currently|at present|at the moment)\b")
_NEW = re.compile(
    r"\b(?:new|after (?:you )?(?:refinanc|switch|mov)\w*|would become|(?:drop|fall|come|go|goe|fell|cut|reduce|lower)(?:s|ed|ping|ing)?(?: down)? to)\b|新的?|再融资后|baharu"
)
_OLD_LABEL = re.compile(r"(?:^|_)(?:old|current|existing|present|before)(?:_|$)")
_NEW_LABEL = re.compile(r"(?:^|_)(?:new|after|refinanced|proposed)(?:_|$)")
_FROM = re.compile(r"\bfrom (?:about |around |roughly )?(?:s\$|sgd|\$)? ?\*{0,2}$")
_TO = re.compile(r"^\*{0,2}(?: ?(?:a|per|/) ?month)?(?: now| today| currently)? to\b")
_JUST_TO = re.compile(
    r"^\*{0,2}(?: ?(?:a|per|/) ?month)?(?: now| today| currently)? to (?:about |around |roughly )?(?:s\$|sgd|\$)? ?\*{0,2}$"
)

_LIMIT_WORD = re.compile(
    r"\b(?:limit(?:s|ed)?|cap(?:s|ped)?|ceiling|max(?:imum)?|at most|threshold|exceed(?:s|ing)?|within|allow(?:s|ed)?|under|below|more than|up to|rules?|stay|over|above|room|guideline|no higher)\b|上限|最高|不超过|以内|had\b|வரம்பு"
)
_LIMIT_LABEL = re.compile(r"limit|(?:^|_)(?:max|cap|ceiling|threshold)(?:_|$)")
_HAS_OWN = re.compile(r"\b(?:your|you're at|you are at)\b|你的?|您的?|anda|உங்கள்")
_LIMIT_NEXT = re.compile(r"^\*{0,2} ?(?:limit|cap|ceiling|threshold|maximum)\b|^ ?(?:的)?上限")

_TESTED_LABEL = re.compile(r"assess|tested|stress")
_TESTED_WORD = re.compile(
    r"stress|assess|\btest|servicing|tdsr|msr|floor|ratio|\bcount|bank (?:uses|looks|takes|works)|压力|评估|ujian|சோதனை|at (?:the )?(?:4|5|3|four|three|five)(?:\.0)? ?(?:%|per ?cent)"
)

_AVAILABLE_LABEL = re.compile(r"available|have|savings$|on_hand")
_NEEDED_LABEL = re.compile(r"need|required|min_|minimum|shortfall|upfront")
_NEEDED_WORD = re.compile(
    r"\b(?:need(?:s|ed)?|requires?d?|must|prepare|bring|minimum|at least|set aside|put down|fork out)\b|需要?|最少|至少|perlu|தேவை"
)
_HAVE_WORD = re.compile(
    r"\b(?:have|has|available|your savings|you hold|with your|told|mentioned|said)\b|有|ada\b"
)

_THEREAFTER = re.compile(
    r"\b(?:thereafter|after that|after the (?:fixed|lock)|afterwards|subsequent(?:ly)?|then|from (?:the )?(?:year|second|third|fourth|fifth|sixth)|year \d)|之后|其后|后\b|随后|以后|selepas|kemudian|பின்னர்|பிறகு"
)
_FIXED = re.compile(r"\bfixed\b|固定|tetap|நிலையான")
_FLOATING = re.compile(r"\b(?:floating|variable|sora)\b|浮动|terapung|மிதக்கும்")

_OFFER = re.compile(
    r"\b(?:packages?|promo\w*|offer(?:s|ing|ed)?|fixed|floating|headline|quot(?:e|es|ed)|banks?|pegged)\b|\bsora ?(?:\+|plus)|银行|配套|固定|浮动|pakej|வங்கி"
)
_NOT_OFFER = re.compile(
    r"assum|illustrat|stress|assess|\btest|floor|example|suppose|\bif\b|concession|\bhdb\b|\bcpf\b|\boa\b|\bcurrent|existing|you(?:'re| are) (?:now )?paying|you (?:told|mentioned|said|gave|have)|your (?:rate|bank|present)|tdsr|msr|\bltv\b|of (?:the )?(?:income|price|valuation|value|purchase|variable|gross)|down ?payment|haircut|penalt|clawback|\bcash\b|margin of|income|dut(?:y|ies)|absd|bsd|ssd|redemption|redeem|partial|undisbursed|cancel|discount|假设|压力|目前|现在|首付|印花|收入|罚|现金"
)

_CAPACITY = re.compile(
    r"\b(?:you|u|both of you|your household|we|they)(?:'d| would| 'll| will|'ll)?(?: \w+){0,2}? (?:can|could|may|might|(?:be )?able to|get to)(?: \w+){0,3}? (?:borrow|loan|take|get|have|raise|finance|secure|obtain)\b"
    r"|\b(?:qualif(?:y|ies)|eligible|good|approved) for\b|\b(?:max(?:imum)?|highest|largest|biggest)(?: \w+)? (?:loan|quantum|borrowing)\b|\bborrowing (?:power|capacity|limit)\b|\bloan (?:limit|ceiling|eligibility)\b|\b(?:banks?|they|lender) (?:will|would|can|could) lend\b"
    r"|(?:可以|能够?|可)(?:借|贷)|最高(?:可)?贷款|最多(?:可以|能|可)?(?:借|贷)|boleh (?:pinjam|meminjam|dapat pinjaman)|pinjaman maksimum|கடன் ?(?:பெற|வாங்க|கிடை)"
)
_CAPACITY_AFTER = re.compile(
    r"^\*{0,2} (?:is|would be|could be) (?:about )?(?:the |your )?(?:most|max(?:imum)?|highest)\b.{0,30}\b(?:borrow|loan|lend)|^ ?(?:கடன் ?(?:பெற|வாங்க)|கடனாக)"
)
_HYPOTHETICAL = re.compile(
    r"\b(?:if|whether|asked|ask|want(?:ed)? to|wish|hoping|looking to|unless|suppose|not|n't|cannot|can't|never|to be able)\b|n't\b|如果|是否|若|不|想|jika|sama ada|kalau|எனில்|என்றால்"
)
_WANTED_LABEL = re.compile(
    r"principal|requested|wanted|asked|desired|balance|outstanding|loan_amount|(?:^|_)new_loan$"
)
_NOT_CAPACITY_REF = re.compile(r"instal+ment|repayment|mortgage_duty|refi|penalty|breakeven")
_COMPONENT = re.compile(r"(?:^|_)(ltv|tdsr|msr)(?:_|$)")


def objection(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """Why a figure of the right value and quantity is still not what the text says it is; None when it is."""
    checks = (
        _period,
        _bank,
        _offered_rate,
        _package_part,
        _old_or_new,
        _own_or_limit,
        _tested,
        _needed,
        _capacity,
    )
    for each in checks:
        problem = each(said, ground)
        if problem:
            return problem
    return None if grounds else "there is no evidence at all"


def _period(said: Said, ground: Ground) -> str | None:
    per = said.numeral.per
    if not per or said.numeral.unit is Unit.PERCENT or ground.figure.unit is Unit.PERCENT:
        return None
    if ground.per:
        return None if ground.per == per else f"the customer said it per {ground.per}"
    if ground.kind is EvidenceKind.CUSTOMER:
        return None
    annual = bool(_ANNUAL_LABEL.search(ground.label))
    if per == "month":
        lump = bool(ground.names & _LUMP) and not ground.names & _MONTHLY
        return f"{ground.label} is not a sum per month" if lump or annual else None
    return None if annual or per in ground.label else f"{ground.label} is not a sum per {per}"


def _bank(said: Said, ground: Ground) -> str | None:
    if not ground.bank:
        return None
    earlier = said.before
    after = [
        bank for a, _, bank in banks_in(said.after) if re.search(r"(?:from|at|with|by|\() ?$", said.after[:a])
    ]
    before = [
        bank
        for a, _, bank in banks_in(earlier)
        if a < 3
        or not re.search(r"(?:from|with|by|at|\() ?$", earlier[:a])
        or said.sentence.startswith(earlier[:a])
    ]
    named = after[0] if after and not before else before[-1] if before else ""
    return f"this rate is from {ground.bank}, not from {named}" if named and named != ground.bank else None


def _offered_rate(said: Said, ground: Ground) -> str | None:
    """A bank's rate must come from a rate sheet, not from a rule, a calculation or what a customer heard."""
    if said.numeral.unit is not Unit.PERCENT or ground.kind is EvidenceKind.RATE:
        return None
    if said.of and said.certain and not said.of.names & {"rate", "spread"}:
        return None
    near = said.before + said.after
    named = any(True for _ in banks_in(near)) or _OFFER.search(near)
    if not named or _NOT_OFFER.search(said.sentence):
        return None
    return "a bank's rate may be said from a dated rate sheet only"


def _package_part(said: Said, ground: Ground) -> str | None:
    """Headline against thereafter, fixed against floating, within one package."""
    if ground.kind is not EvidenceKind.RATE or said.numeral.unit is not Unit.PERCENT:
        return None
    later = bool(_THEREAFTER.search(said.before)) or bool(
        re.match(r"^ (?:thereafter|after that|afterwards)", said.after)
    )
    if "thereafter" in ground.label and not later:
        return "this is the thereafter rate; say so"
    if "thereafter" not in ground.label and later:
        return "this is not the thereafter rate"
    near = said.before + said.after[:25]
    fixed, floating = bool(_FIXED.search(near)), bool(_FLOATING.search(near))
    if "fixed" in ground.label and floating and not fixed:
        return "this is a fixed rate"
    if "spread" in ground.label and fixed and not floating and not later:
        return "this is a spread over SORA, not a fixed rate"
    if "spread" in ground.label and not floating and not re.search(r"spread|\+|plus|加|over|above", near):
        return "this is a spread over SORA, not the whole rate"
    return None


def _old_or_new(said: Said, ground: Ground) -> str | None:
    old, new = bool(_OLD_LABEL.search(ground.label)), bool(_NEW_LABEL.search(ground.label))
    if old == new or ground.kind in {EvidenceKind.LEAD, EvidenceKind.CUSTOMER}:
        return None
    says_old = bool(_OLD.search(said.before) or _OLD_AFTER.search(said.after))
    says_new = bool(_NEW.search(said.before))
    if _FROM.search(said.before) and _TO.search(said.after):
        says_old, says_new = True, False
    elif _JUST_TO.search(said.before):
        says_old, says_new = False, True
    if old and says_new and not says_old:
        return "this is the old figure, not the new one"
    return "this is the new figure, not the old one" if new and says_old and not says_new else None


def _own_or_limit(said: Said, ground: Ground) -> str | None:
    """The customer's own TDSR or MSR against its limit."""
    if not said.of or not said.of.names & {"tdsr", "msr"}:
        return None
    is_limit = bool(_LIMIT_LABEL.search(ground.label)) or ground.kind in {
        EvidenceKind.RULE,
        EvidenceKind.KNOWLEDGE,
    }
    says_limit = bool(_LIMIT_WORD.search(said.before) or _LIMIT_NEXT.search(said.after))
    if is_limit and _HAS_OWN.search(said.before) and not says_limit and not _LIMIT_WORD.search(said.after):
        return "this is the limit, not the customer's own ratio"
    strictly = re.search(
        r"(?:limit|cap|ceiling|maximum|max) (?:is|of|at|:) ?$|上限(?:是|为)$", said.before
    ) or _LIMIT_NEXT.search(said.after)
    return "this is the customer's own ratio, not the limit" if strictly and not is_limit else None


def _tested(said: Said, ground: Ground) -> str | None:
    if ground.kind is not EvidenceKind.CALCULATION or ground.figure.unit is not Unit.MONEY:
        return None
    tested = _TESTED_LABEL.search(ground.label) and not _TESTED_WORD.search(said.sentence)
    return "this is the instalment at the assessment rate, not the one to pay; say so" if tested else None


def _needed(said: Said, ground: Ground) -> str | None:
    if not said.of or not said.of.names & {"cash", "cpf", "cash_or_cpf", "downpayment"}:
        return None
    near = said.before + said.after[:20]
    needs, has = bool(_NEEDED_WORD.search(near)), bool(_HAVE_WORD.search(near))
    if _AVAILABLE_LABEL.search(ground.label) and needs and not has:
        return "this is what the customer has, not what is needed"
    if (
        _NEEDED_LABEL.search(ground.label)
        and has
        and not needs
        and re.search(r"you(?:'ve| have| already have) ", near)
    ):
        return "this is what is needed, not what the customer has"
    return None


def _capacity(said: Said, ground: Ground) -> str | None:
    """What the customer can borrow must have been computed as that."""
    if said.numeral.unit not in {Unit.MONEY, None} or said.numeral.per or said.numeral.year_index:
        return None
    claim = _CAPACITY.search(said.before)
    claims = (claim and not re.search(r",", said.before[claim.end() :])) or _CAPACITY_AFTER.search(said.after)
    if not claims or (said.of and not said.of.names & {"loan", "balance", "price"}):
        return None
    if _HYPOTHETICAL.search(said.before) or said.sentence.rstrip().endswith("?"):
        return None
    computed = ground.kind is EvidenceKind.CALCULATION and not _WANTED_LABEL.search(ground.label)
    if not computed or ("loan" in ground.names and _NOT_CAPACITY_REF.search(ground.ref.casefold())):
        return "what the customer can borrow must come from a calculation of it"
    part = _COMPONENT.search(ground.label)
    if (
        part
        and "loan" in ground.names
        and part[1] not in said.sentence
        and not re.search("loan-to-value|servicing", said.sentence)
    ):
        return f"this is the limit by {part[1].upper()} alone; say so, or say the final loan"
    return None
