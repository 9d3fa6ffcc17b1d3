"""Leads whose points were counted by hand."""

from __future__ import annotations

from typing import Any

AGREED = {"text_version": "2026-11", "contact": True}
BUYER = {"age": 35, "residency": "sc", "employment": "employed"}

# Counted by hand from the table in scorecard.toml. Instalments are the loan in thousands times the usual
# annuity constants, S$ a month for S$1,000: at the 4 % test rate 4.7742 (30 years), 5.2784 (25), 6.0598 (20);
# at the commercial 5 % 5.8459 (25). TDSR limit 55 %, MSR limit 30 % of income. "Facts" is one point each for
# purpose, property type, price, loan, income, age and residency, debts, housing loans or present rate.
GOLDEN: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    ("an e-mail address is all there is", {"email": "a@b.co"}, {"facts": 0, "email": 4}),
    (
        # 800 x 4.7742 = 3,819; 55 % of 12,000 = 6,600; 57.9 % of the limit. Total 45: just balanced.
        "the short form of an existing site",
        {"property_type": "condo", "loan_amount": 800_000, "monthly_income": 12_000, "email": "a@b.co",
         "phone": "91234567"},
        {"loan": 16, "income": 15, "facts": 3, "phone": 7, "email": 4},
    ),
    (
        # As before without the e-mail address, but with a purpose; exploring. Total 44: just conservative.
        "one point below balanced",
        {"property_type": "condo", "loan_amount": 800_000, "monthly_income": 12_000, "phone": "91234567",
         "timeline": "exploring",
         "purpose": "new_purchase"},
        {"loan": 16, "income": 15, "facts": 4, "phone": 7, "timeline": 2},
    ),
    (
        # 1,200 x 4.7742 = 5,729 of 13,750: 41.7 %. Least down payment 25 % of 2m = 500,000, covered 120 %.
        "everything there is to score",
        {
            "purpose": "new_purchase", "property_type": "condo", "property_price": "2m",
            "loan_amount": "1.2m",
            "applicants": [{**BUYER, "fixed_monthly_income": 25_000}], "monthly_debts": 0,
            "outstanding_housing_loans": 0, "timeline": "this_month", "ipa_status": "have_ipa",
            "cash_available": 300_000, "cpf_available": 300_000, "email": "a@b.co", "phone": "91234567",
            "consent": AGREED,
        },
        {
            "loan": 20, "income": 15, "rules": 10, "timeline": 12, "step": 13, "facts": 8, "own": 7,
            "phone": 7,
            "email": 4, "consent": 4,
        },
    ),
    (
        # 3,819 of 6,600: 57.9 %; with debts of 1,000, 4,819 of 6,600: 73.0 %. Own money 180,000 of 300,000:
        # 60 %.
        # Total 75: just aggressive.
        "on the edge of aggressive",
        {
            "purpose": "new_purchase", "property_type": "condo", "property_price": "1.2m",
            "loan_amount": "800k",
            "applicants": [{**BUYER, "fixed_monthly_income": 12_000}], "monthly_debts": 1_000,
            "outstanding_housing_loans": 0, "timeline": "next_3_months", "ipa_status": "not_yet",
            "cash_available": 100_000, "cpf_available": 80_000, "email": "a@b.co", "phone": "91234567",
        },
        {"loan": 16, "income": 15, "rules": 10, "timeline": 9, "step": 3, "facts": 8, "own": 3, "phone": 7,
         "email": 4},
    ),
    (
        # The same without residency: 7 facts. Total 74: just balanced.
        "one point below aggressive",
        {
            "purpose": "new_purchase", "property_type": "condo", "property_price": "1.2m",
            "loan_amount": "800k",
            "applicants": [{"age": 35, "employment": "employed", "fixed_monthly_income": 12_000}],
            "monthly_debts": 1_000, "outstanding_housing_loans": 0, "timeline": "next_3_months",
            "ipa_status": "not_yet", "cash_available": 100_000, "cpf_available": 80_000, "email": "a@b.co",
            "phone": "91234567",
        },
        {"loan": 16, "income": 15, "rules": 10, "timeline": 9, "step": 3, "facts": 7, "own": 3, "phone": 7,
         "email": 4},
    ),
    (
        # An HDB flat: 25 years, MSR. 450 x 5.2784 = 2,375 of 2,100: 113 %. Own money 170,000 of 150,000.
        "a flat beyond the mortgage servicing ratio",
        {
            "purpose": "new_purchase", "property_type": "hdb", "property_price": "600k",
            "loan_amount": "450k",
            "applicants": [{**BUYER, "fixed_monthly_income": 7_000}], "monthly_debts": 300,
            "outstanding_housing_loans": 0, "timeline": "next_3_months", "ipa_status": "applied",
            "cash_available": 50_000, "cpf_available": 120_000, "email": "a@b.co", "phone": "91234567",
            "consent": AGREED,
        },
        {
            "loan": 8, "income": 3, "rules": 2, "timeline": 9, "step": 9, "facts": 8, "own": 7, "phone": 7,
            "email": 4, "consent": 4,
        },
    ),
    (
        # No loan is named: half of 1.5m is 750,000. 700 x 4.7742 = 3,342 of 7,700: 43.4 %. 700k of 1.5m:
        # 46.7 %.
        # From 22 Nov to 31 Jan is within 3 months.
        "a refinancing whose lock-in ends soon",
        {
            "purpose": "refinance", "property_type": "condo", "property_value": "1.5m",
            "outstanding_loan": "700k",
            "monthly_income": 14_000, "remaining_months": 240, "lock_in_ends": "2027-01-31",
            "current_rate": 3.9,
            "email": "a@b.co", "phone": "91234567",
        },
        {"loan": 16, "income": 15, "step": 13, "facts": 6, "own": 7, "phone": 7, "email": 4},
    ),
    (
        # The same, all told. Over the 20 years left 700 x 6.0598 = 4,242 of 7,700: 55.1 %.
        "a refinancing with every fact",
        {
            "purpose": "refinance", "property_type": "condo", "property_value": "1.5m",
            "outstanding_loan": "700k",
            "applicants": [{**BUYER, "fixed_monthly_income": 14_000}], "monthly_debts": 0,
            "remaining_months": 240,
            "lock_in_ends": "2027-01-31", "current_rate": 3.9, "email": "a@b.co", "phone": "91234567",
        },
        {"loan": 16, "income": 15, "rules": 10, "step": 13, "facts": 8, "own": 7, "phone": 7, "email": 4},
    ),
    (
        # 5 %, 25 years: 1,400 x 5.8459 = 8,184 of 11,000: 74.4 %. Cash of 600,000 is 30 % of 2m; CPF does
        # not count.
        "a shop, whose type follows from the purpose",
        {
            "purpose": "commercial", "property_price": "2m", "loan_amount": "1.4m", "monthly_income": 20_000,
            "cash_available": 600_000, "cpf_available": 900_000, "phone": "91234567",
        },
        {"loan": 20, "income": 12, "facts": 5, "own": 7, "phone": 7},
    ),
    (
        "a known income of zero carries nothing, and is known",
        {"property_type": "condo", "loan_amount": "500k", "monthly_income": 0, "phone": "91234567"},
        {"loan": 12, "income": 0, "facts": 3, "phone": 7},
    ),
    (
        # Gross 15,000: 4,774 of 8,250, 57.9 %. Recognised 70 % = 10,500, and 20 years to 65 at 45:
        # 1,000 x 6.0598 = 6,060 of 5,775: 104.9 %.
        "self-employed income counts at 70 % under the rules",
        {
            "purpose": "new_purchase", "property_type": "landed", "loan_amount": "1m", "monthly_debts": 0,
            "applicants": [
                {"age": 45, "residency": "pr", "employment": "self_employed", "fixed_monthly_income": 15_000}
            ],
            "phone": "91234567",
        },
        {"loan": 20, "income": 15, "rules": 2, "facts": 6, "phone": 7},
    ),
    (
        # 675 x 4.7742 = 3,223 of MSR's 3,000: 107.4 %. To be contacted was refused: known, and no points.
        "an executive condominium from the developer is under MSR",
        {
            "property_type": "ec", "property_stage": "new_launch", "loan_amount": "675k",
            "monthly_income": 10_000,
            "phone": "91234567", "consent": {"text_version": "2026-11", "contact": False},
        },
        {"loan": 12, "income": 3, "facts": 3, "phone": 7, "consent": 0},
    ),
    (
        # After its occupation period only TDSR counts: 3,223 of 5,500: 58.6 %.
        "an executive condominium bought resale is not",
        {
            "property_type": "ec", "property_stage": "resale", "loan_amount": "675k",
            "monthly_income": 10_000,
            "phone": "91234567",
        },
        {"loan": 12, "income": 15, "facts": 3, "phone": 7},
    ),
    (
        # One housing loan: 45 %, so 55 % of 1m = 550,000 is needed; 275,000 is half. CPF is unknown, cash is
        # known.
        "a second home needs more own money",
        {
            "purpose": "new_purchase", "property_type": "condo", "property_price": "1m",
            "outstanding_housing_loans": 1, "cash_available": 275_000, "email": "a@b.co",
        },
        {"loan": 12, "facts": 4, "own": 3, "email": 4},
    ),
    (
        # 400k on top of 600k is half of 2m. The lock-in ends in 9 months.
        "cash out of a home",
        {
            "purpose": "equity_loan", "property_type": "landed", "property_value": "2m",
            "outstanding_loan": "600k",
            "loan_amount": "400k", "lock_in_ends": "2027-08-22", "phone": "91234567",
        },
        {"loan": 8, "step": 6, "facts": 4, "own": 7, "phone": 7},
    ),
    (
        # 3,000 x 4.7742 = 14,323 of 4,400: 326 %.
        "urgent and far beyond the rules",
        {
            "property_type": "condo", "loan_amount": "3m", "monthly_income": 8_000, "timeline": "this_month",
            "ipa_status": "have_ipa", "email": "a@b.co", "phone": "91234567", "consent": AGREED,
        },
        {"loan": 20, "income": 0, "timeline": 12, "step": 13, "facts": 3, "phone": 7, "email": 4,
         "consent": 4},
    ),
]  # fmt: skip
