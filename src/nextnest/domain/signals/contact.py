"""Contact: how the customer can be reached, and whether that is wished."""

from __future__ import annotations

from nextnest.domain.scorecard import Signal
from nextnest.domain.signals.reading import Case, Earned, Needs


def phone(signal: Signal, case: Case) -> Earned | Needs:
    return Earned(signal.of, "Given.") if case.lead.phone else Needs(("phone",))


def email(signal: Signal, case: Case) -> Earned | Needs:
    return Earned(signal.of, "Given.") if case.lead.email else Needs(("email",))


def consent(signal: Signal, case: Case) -> Earned | Needs:
    given = case.lead.consent
    if given is None:
        return Needs(("consent.contact",))
    return Earned(signal.of, "Yes, about this enquiry.") if given.contact else Earned(0, "No.")
