"""The closed sets of values that a lead's facts choose from."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    NEW_PURCHASE = "new_purchase"
    REFINANCE = "refinance"
    EQUITY_LOAN = "equity_loan"
    COMMERCIAL = "commercial"


class PropertyType(StrEnum):
    HDB = "hdb"
    EC = "ec"
    CONDO = "condo"
    LANDED = "landed"
    COMMERCIAL = "commercial"


class PropertyStage(StrEnum):
    RESALE = "resale"
    NEW_LAUNCH = "new_launch"
    BTO = "bto"


class Residency(StrEnum):
    CITIZEN = "sc"
    PERMANENT_RESIDENT = "pr"
    FOREIGNER = "foreigner"


class Employment(StrEnum):
    EMPLOYED = "employed"
    SELF_EMPLOYED = "self_employed"
    VARIABLE = "variable"
    NOT_WORKING = "not_working"


class Timeline(StrEnum):
    """When the customer wants to act, soonest first."""

    THIS_MONTH = "this_month"
    NEXT_3_MONTHS = "next_3_months"
    MONTHS_3_6 = "3_6_months"
    EXPLORING = "exploring"


class IpaStatus(StrEnum):
    """In-principle approval of a bank."""

    HAVE_IPA = "have_ipa"
    APPLIED = "applied"
    NOT_YET = "not_yet"
