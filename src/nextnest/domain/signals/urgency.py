"""Urgency: when the customer wants to act, and what presses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from nextnest.domain.choices import IpaStatus, Timeline
from nextnest.domain.scorecard import Signal
from nextnest.domain.signals.reading import Case, Earned, Needs, has_a_home_loan

_TIMELINE = {
    Timeline.THIS_MONTH: "Wants to act this month.",
    Timeline.NEXT_3_MONTHS: "Wants to act within 3 months.",
    Timeline.MONTHS_3_6: "Wants to act in 3 to 6 months.",
    Timeline.EXPLORING: "Is exploring, with no date set.",
}
_IPA = {
    IpaStatus.HAVE_IPA: "Has an in-principle approval.",
    IpaStatus.APPLIED: "Has applied for an in-principle approval.",
    IpaStatus.NOT_YET: "Has no in-principle approval yet.",
}


def timeline(signal: Signal, case: Case) -> Earned | Needs:
    when = case.lead.timeline
    return Earned(signal.choices[when], _TIMELINE[when]) if when else Needs(("timeline",))


def next_step(signal: Signal, case: Case) -> Earned | Needs:
    """The better of two: an approval in hand drives a purchase, the end of a lock-in a refinancing."""
    lead = case.lead
    earned = []
    if lead.ipa_status:
        earned.append(Earned(signal.choices[lead.ipa_status], _IPA[lead.ipa_status]))
    if lead.lock_in_ends:
        months = months_until(lead.lock_in_ends, case.today)
        verb = "ended" if lead.lock_in_ends < case.today else "ends"
        why = f"The lock-in {verb} on {lead.lock_in_ends:%-d %b %Y}."
        earned.append(Earned(signal.falling(Decimal(months)), why))
    if not earned:
        return Needs(("lock_in_ends",) if has_a_home_loan(lead) else ("ipa_status",))
    return max(earned, key=lambda each: each.points)


def months_until(day: date, today: date) -> int:
    """The least number of whole months after which `day` is reached; 0 when it has passed."""
    return max(0, (day.year - today.year) * 12 + day.month - today.month + (day.day > today.day))
