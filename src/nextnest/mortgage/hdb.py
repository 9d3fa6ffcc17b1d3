"""HDB's fees, levy and waits, and payments for a home under construction."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Literal

from nextnest.mortgage.buyer_duty import bsd
from nextnest.mortgage.dates import months_later
from nextnest.mortgage.evidence import InvalidInput, Outcome
from nextnest.mortgage.quantities import Day, Money, Months, Percent, Price
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import AMOUNT, AS_IS, CENTS, DUTY, PERCENT, RATE, percent, sgd
from nextnest.mortgage.tables import in_force
from nextnest.mortgage.words import Flat

ZERO = Decimal(0)
Scheme = Literal["normal", "deferred"]


@calculator(levy=AMOUNT)
def resale_levy(first_flat: Flat, singles_grant: bool = False) -> Outcome:
    """Levy on second-timers who buy a second subsidised flat.

    Inputs: first_flat (type of the first subsidised flat, sold from 3 Mar 2006), singles_grant (true if
    it was bought with the Singles Grant: half). Output: levy (S$). Source: HDB 'Resale levy'.
    """
    if singles_grant and first_flat == "EC":
        raise InvalidInput("singles_grant: there is none for an executive condominium")
    row = in_force("resale_levy", None, flat=first_flat)
    levy = row.number("levy") * (row.number("singles_grant_pct") / 100 if singles_grant else 1)
    return Outcome({"levy": levy}, [f"First flat {first_flat}: {sgd(levy)}."], [row.ref])


@calculator(fee=AMOUNT)
def hdb_option_fee(flat: Flat) -> Outcome:
    """Fee for booking a new flat from HDB.

    Input: flat (2-room to executive). Output: fee (S$). Source: HDB.
    """
    if flat == "EC":
        raise InvalidInput("flat: an executive condominium is bought from a developer, without this fee")
    row = in_force("hdb_option_fee", None, flat=flat)
    fee = row.number("fee")
    return Outcome({"fee": fee}, [f"{flat}: {sgd(fee)}."], [row.ref])


@calculator(downpayment=CENTS, stamp_duty=DUTY, legal_fee=CENTS, total=CENTS, payable=CENTS)
def hdb_signing(price: Price, downpayment_pct: Percent, as_of: Day, option_fee: Money = ZERO) -> Outcome:
    """What is due at signing the agreement for lease of a new flat, with HDB acting as solicitor.

    Inputs: price (S$), downpayment_pct (% due at signing), as_of (date of signing), option_fee (S$
    already paid). Outputs (S$): downpayment, stamp_duty, legal_fee (with GST), total, payable (less the
    option fee). Source: HDB 'Sign agreement for lease', worked example.
    """
    fees, gst = in_force("hdb_legal_fee", None), in_force("gst", as_of)
    bands = pairwise([ZERO, *fees.numbers("upto"), price])
    scale = ZERO
    for (lower, upper), per_thousand in zip(bands, fees.numbers("per_thousand"), strict=True):
        scale += max(ZERO, min(price, upper) - lower) * per_thousand / 1000
    before_gst = max(fees.number("minimum"), scale.to_integral_value(ROUND_CEILING))
    legal_fee = before_gst * (100 + gst.number("pct")) / 100
    duty = bsd(price, as_of)
    stamp_duty, downpayment = duty.number("bsd"), price * downpayment_pct / 100
    total = downpayment + stamp_duty + legal_fee
    return Outcome(
        {
            "downpayment": downpayment,
            "stamp_duty": stamp_duty,
            "legal_fee": legal_fee,
            "total": total,
            "payable": total - option_fee,
        },
        [
            f"Downpayment {percent(downpayment_pct)} of {sgd(price)}: {sgd(downpayment)}.",
            f"Stamp duty: {sgd(stamp_duty)}.",
            f"Legal fee {sgd(scale)}, up to {sgd(before_gst)}, with GST: {sgd(legal_fee)}.",
            f"Together {sgd(total)}; less the option fee {sgd(option_fee)}: {sgd(total - option_fee)}.",
        ],
        [fees.ref, gst.ref, *duty.rules],
    )


@calculator(eligible_from=AS_IS)
def waitout(disposed: Day, months: Months | None = None) -> Outcome:
    """First day on which a former private owner may apply, after the wait-out period.

    Inputs: disposed (date the private home was disposed of), months (optional; 30 for a subsidised flat,
    an HDB loan or an executive condominium). Output: eligible_from (date). Source: HDB, worked example.
    """
    row = in_force("waitout", None)
    wait = int(row.number("months")) if months is None else months
    eligible = months_later(disposed, wait)
    assumptions = [f"The wait of {wait} months is HDB's for subsidised flats."] if months is None else []
    return Outcome(
        {"eligible_from": eligible.isoformat()},
        [f"{wait} months after {disposed:%-d %b %Y}: {eligible:%-d %b %Y}."],
        [row.ref],
        assumptions,
    )


_STAGE_WORDS = {
    "option_to_purchase": ("otp", "booking", "grant"),
    "sale_and_purchase": ("spa", "snp", "sale"),
    "foundation": ("foundation",),
    "rc_framework": ("rc", "concrete", "reinforced", "framework"),
    "partition_walls": ("partition", "brick", "wall"),
    "roofing_ceiling": ("roof", "ceiling"),
    "doors_windows_services": ("door", "window", "wiring", "plumbing", "electric"),
    "carpark_roads_drains": ("car", "parking", "road", "drain"),
    "top": ("top", "occupation", "vacant"),
    "csc_completion": ("csc", "statutory"),
}
"""How words begin by which each stage of the standard sale and purchase agreement is known."""

_SHARED_WORDS = {"option_to_purchase": ("option",), "csc_completion": ("completion",)}
"""Words that name a stage only alone: every stage has its "completion", and weeks run "from the option"."""


def _stage(name: str) -> str:
    plain = re.sub(r"\bs ?(?:&|and) ?p\b", "spa", name.lower().replace("_", " "))
    words = re.findall(r"[a-z]+", plain)
    for known in (_STAGE_WORDS, _SHARED_WORDS):
        found = [
            stage for stage, named_by in known.items() if any(word.startswith(named_by) for word in words)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            break
    raise InvalidInput(f"stage: should be one of {', '.join(_STAGE_WORDS)}")


@calculator(amount=CENTS, pct=RATE)
def pps_stage(price: Price, stage: str, scheme: Scheme = "normal") -> Outcome:
    """Sum due at one stage of a home under construction.

    Inputs: price (S$), stage (such as option_to_purchase, sale_and_purchase, foundation, rc_framework,
    partition_walls, roofing_ceiling, doors_windows_services, carpark_roads_drains, top, csc_completion),
    scheme (normal or deferred). Outputs: amount (S$), pct (% of the price). Source: Housing Developers
    Rules.
    """
    row = in_force("progressive_payment", None, scheme=scheme)
    shares = dict(zip(row.data["stages"], row.numbers("pct"), strict=True))
    known = _stage(stage)
    if known not in shares:
        raise InvalidInput(f"stage: the {scheme} scheme has only {', '.join(shares)}")
    amount = price * shares[known] / 100
    return Outcome(
        {"amount": amount, "pct": shares[known]},
        [f"{known.replace('_', ' ')}: {percent(shares[known])} of {sgd(price)} is {sgd(amount)}."],
        [row.ref],
    )


@calculator(total_pct=PERCENT, loan_share_pct=PERCENT, first_disbursement_after_pct=PERCENT)
def pps(own_funds_pct: Percent, scheme: Scheme = "normal") -> Outcome:
    """How a progressive payment schedule divides between the buyer's own funds and the loan.

    Inputs: own_funds_pct (% of the price the buyer pays first), scheme. Outputs (%): total_pct (of all
    stages), loan_share_pct, first_disbursement_after_pct (the share paid when the bank begins).
    """
    row = in_force("progressive_payment", None, scheme=scheme)
    total = sum(row.numbers("pct"), ZERO)
    return Outcome(
        {
            "total_pct": total,
            "loan_share_pct": total - own_funds_pct,
            "first_disbursement_after_pct": own_funds_pct,
        },
        [
            f"The buyer pays the first {percent(own_funds_pct)}, "
            f"the bank the other {percent(total - own_funds_pct)}."
        ],
        [row.ref],
    )
