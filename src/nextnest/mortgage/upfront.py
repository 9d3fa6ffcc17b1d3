"""What a buyer must bring at the purchase: downpayment, cash share, duties, and the price own funds reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nextnest.mortgage.buyer_duty import PropertyBuyer, absd_joint, bsd
from nextnest.mortgage.evidence import CannotCompute, Outcome
from nextnest.mortgage.household import Applicant
from nextnest.mortgage.rounding import sgd
from nextnest.mortgage.tables import in_force
from nextnest.mortgage.words import Profile, PropertyType, Stage

ZERO = Decimal(0)
_PROFILES: dict[str, Profile] = {"sc": "SC", "pr": "PR", "foreigner": "FR", "fta": "FTA"}


@dataclass(frozen=True)
class Purchase:
    """What the duties of a purchase depend on."""

    property_type: PropertyType
    stage: Stage | None
    applicants: tuple[Applicant, ...]
    married_couple: bool | None
    as_of: date

    def duties(self, price: Decimal, valuation: Decimal) -> Outcome:
        """BSD, ABSD after the remissions that apply by rule, and their sum (S$).

        Raises CannotCompute while a buyer's residency, or count of properties where it matters, is not known.
        """
        if self.property_type == "commercial":
            duty = bsd(price, self.as_of, "non_residential", valuation)
            payable = duty.number("bsd")
            values = {"bsd": payable, "absd": ZERO, "absd_rate_pct": ZERO, "duties": payable}
            return Outcome(values, [*duty.working, "No ABSD on commercial property."], duty.rules)
        duty, additional = bsd(price, self.as_of, "residential", valuation), self._absd(price, valuation)
        together = duty.number("bsd") + additional.number("absd")
        return Outcome(
            {
                "bsd": duty.number("bsd"),
                "absd": additional.number("absd"),
                "absd_rate_pct": additional.number("rate_pct"),
                "duties": together,
            },
            [*duty.working, *additional.working, f"Duties together: {sgd(together)}."],
            [*duty.rules, *additional.rules],
            additional.assumptions,
        )

    def _absd(self, price: Decimal, valuation: Decimal) -> Outcome:
        joint = absd_joint(price, self._buyers(), self.as_of, valuation)
        remission = self._remission()
        if joint.number("rate_pct") == 0 or remission is None:
            return Outcome(joint.values, joint.working, joint.rules, self._possible_relief(joint))
        row = in_force("absd_remission", None, case=remission)
        return Outcome(
            {"rate_pct": ZERO, "absd": ZERO},
            [*joint.working, f"Remitted: {row.ref.row}."],
            [*joint.rules, row.ref],
            ["ABSD is remitted on conditions that are not all checked here."],
        )

    def missing(self) -> list[str]:
        """Facts of the buyers without which ABSD cannot be computed."""
        if self.property_type == "commercial":
            return []
        needs = list[str]()
        for number, person in enumerate(self.applicants, start=1):
            if person.residency is None:
                needs.append(f"applicants[{number}].residency")
            counted = person.residency != "foreigner" or self._relief() == "couple_first_home"
            if person.existing_properties is None and counted:
                needs.append(f"applicants[{number}].existing_properties")
        return needs

    def _buyers(self) -> list[PropertyBuyer]:
        if needs := self.missing():
            raise CannotCompute(*needs)
        return [
            PropertyBuyer(profile=_PROFILES[person.residency], owned=person.existing_properties)
            for person in self.applicants
            if person.residency is not None
        ]

    def _relief(self) -> str | None:
        """The remission that may apply; a couple's is for a first home only."""
        if all(person.residency != "sc" for person in self.applicants):
            return None
        if self.property_type == "hdb" or (self.property_type == "ec" and self.stage == "new_launch"):
            return "public_housing"
        return "couple_first_home" if self.married_couple and len(self.applicants) == 2 else None

    def _remission(self) -> str | None:
        relief = self._relief()
        return None if relief == "couple_first_home" and not self._first_home() else relief

    def _first_home(self) -> bool:
        return not any(person.existing_properties for person in self.applicants)

    def _possible_relief(self, joint: Outcome) -> Sequence[str]:
        """What is assumed of ABSD, and the relief that facts not known here may bring."""
        citizen = any(person.residency == "sc" for person in self.applicants)
        if joint.number("rate_pct") == 0 or not citizen:
            return joint.assumptions
        if len(self.applicants) == 2 and self.married_couple is None and self._first_home():
            relief = "If the two are married and buy their first home in both names, no ABSD is payable."
            return [*joint.assumptions, relief]
        refund = self._refund()
        return (
            joint.assumptions if refund is None else [*joint.assumptions, f"ABSD may be refunded: {refund}."]
        )

    def _refund(self) -> str | None:
        """The case in which ABSD is paid first and refunded once the present home is sold."""
        if len(self.applicants) == 2 and self.married_couple is not False:
            return in_force("absd_remission", None, case="couple_replacing").ref.row
        row = in_force("absd_remission", None, case="single_downsizing")
        aged = all((person.age or ZERO) >= row.number("age_from") for person in self.applicants)
        since = row.ref.effective is None or row.ref.effective <= self.as_of
        return row.ref.row if len(self.applicants) == 1 and aged and since else None


@dataclass(frozen=True)
class OwnFunds:
    """Cash and CPF (S$) a buyer has; None is not known. CPF is never used for commercial property."""

    cash: Decimal | None
    cpf: Decimal | None


def bring(
    price: Decimal,
    loan: Decimal,
    duties: Decimal,
    *,
    min_cash: Decimal,
    funds: OwnFunds,
    cpf_allowed: bool,
) -> Outcome:
    """What must be brought: downpayment and duties, the part in cash only, and what is short (S$)."""
    downpayment = price - loan
    total = downpayment + duties
    cash_only = min(min_cash if cpf_allowed else total, total)
    either = total - cash_only
    values: dict[str, Decimal] = {
        "downpayment": downpayment,
        "min_cash": cash_only,
        "upfront_total": total,
        "cash_or_cpf": either,
    }
    working = [
        f"Downpayment {sgd(downpayment)} and duties {sgd(duties)}: {sgd(total)} to bring.",
        f"Of it at least {sgd(cash_only)} in cash; {sgd(either)} may be cash or CPF.",
    ]
    cpf = funds.cpf if cpf_allowed else ZERO
    if cpf is not None:
        values["cpf_used"] = min(cpf, either)
        values["cash_needed"] = total - values["cpf_used"]
        working.append(f"CPF {sgd(values['cpf_used'])}, cash {sgd(values['cash_needed'])}.")
        if funds.cash is not None:
            values["shortfall"] = max(ZERO, values["cash_needed"] - funds.cash)
            working.append(f"With {sgd(funds.cash)} of cash, {sgd(values['shortfall'])} is short.")
    return Outcome(values, working)


def price_within(
    purchase: Purchase,
    *,
    ceiling: Decimal,
    ltv_pct: Decimal,
    min_cash_pct: Decimal,
    cash: Decimal,
    cpf: Decimal,
) -> Decimal:
    """Highest whole-dollar price that income and own funds both reach, duties included (valuation as price).

    `ceiling` is the loan that income carries (S$). What must be brought rises with the price, so the search
    halves the range.
    """

    def within(price: int) -> bool:
        value = Decimal(price)
        loan = min(ceiling, value * ltv_pct / 100)
        total = value - loan + purchase.duties(value, value).number("duties")
        return total <= cash + cpf and value * min_cash_pct / 100 <= cash

    low, high = 0, int(ceiling + cash + cpf) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if within(middle) else (low, middle)
    return Decimal(low)
