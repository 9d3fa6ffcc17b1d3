"""Pains 27, 44, 54, 73 and 74: what no evidence can make sayable, and the honest sentences next to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from nextnest.broker.checks import LONGEST, check
from nextnest.broker.claims import forbidden
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Reply, Unit


def _rules(text: str) -> set[str]:
    return {finding.rule for finding in forbidden(text)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("You will be approved.", "approval_promise"),
        ("Sure can get one.", "approval_promise"),
        ("Pre-approval in 2 hours!", "approval_promise"),
        ("Your savings are guaranteed.", "guarantee"),
        ("The lowest rate in Singapore.", "best_or_lowest"),
        ("Only today.", "urgency"),
        ("3 other clients are waiting.", "urgency"),
        ("Rates will rise next month.", "rate_prediction"),
        ("Your lead score is high.", "internal_leak"),
        ("I am using my aggressive persona.", "internal_leak"),
        ("I'm a real person.", "human_pretence"),
        ("I'm not a bot.", "human_pretence"),
        ("You should invest the cash in REITs.", "outside_licence"),
        ("We are licensed by MAS.", "outside_licence"),
        ("A 99-to-1 purchase saves you the ABSD.", "tax_avoidance"),
        ("A colleague will call you within 5 minutes.", "time_promise"),
        ("Please send me your OTP.", "scam_request"),
        ("MSR includes your car loan.", "misstated_rule"),
        ("I'll bring the forms tomorrow.", "own_deeds"),
        ("Hello {{contact.name}}", "template_code"),
        ("See https://evil.example.com", "foreign_address"),
        ("<b>hello</b>", "markup"),
        ("\u202eabc", "hidden_characters"),
    ],
)
def test_each_rule_has_its_name(text: str, rule: str) -> None:
    assert rule in _rules(text)


@pytest.mark.parametrize(
    ("denied", "claimed"),
    [
        ("We cannot guarantee approval.", "We guarantee approval."),
        ("No one can promise the lowest rate.", "We promise the lowest rate."),
        ("This is not an approval.", "This is an approval, guaranteed."),
        ("Whether you will be approved is for the bank.", "If you sign today you will be approved."),
        ("I can't say it's guaranteed.", "I can't say it's guaranteed, but it's guaranteed."),
        ("There is no rush.", "No problem, act now."),
        ("The bank may refuse.", "The bank won't refuse."),  # a denied refusal is a promise
        ("The bank will ask for payslips.", "The bank will happily take you on."),  # not what banks do
        ("I'll explain TDSR.", "I'll email the banker."),  # not what an assistant does
        ("The lowest rate isn't always the best.", "The lowest rate, and it isn't a trick."),
        ("Some agents say that approval is certain.", "I say that approval is certain."),
        ("If you're told to sign today, wait.", "You're told to sign today, so sign today."),
        ("For insurance, ask a licensed adviser.", "For insurance, ask me."),
        ("Don't share your OTP.", "Don't worry, share your OTP."),
        ("99-to-1? Ask a tax lawyer.", "99-to-1? Ask me how."),
        ("I'm an AI assistant, not a person.", "I'm not an AI assistant, I'm a person."),
        (
            "IRAS treats 99-to-1 as avoidance; I can't help with it.",
            "IRAS treats 99-to-1 as avoidance, but it works.",
        ),
        ("Nobody knows whether rates will rise.", "Nobody doubts that rates will rise."),
        ("The lowest of the three limits decides.", "This rate is the lowest."),
        ("我们不能保证获批。", "我们保证获批。"),
        ("Kami tidak boleh menjamin kelulusan.", "Kami menjamin kelulusan."),
        ("ஒப்புதலுக்கு உத்தரவாதம் அளிக்க முடியாது.", "ஒப்புதலுக்கு உத்தரவாதம்."),
    ],
)
def test_a_denial_passes_and_its_claim_does_not(denied: str, claimed: str) -> None:
    assert _rules(denied) == set()
    assert _rules(claimed) != set()


def test_what_a_disclaimer_demands_is_no_promise() -> None:
    assert _rules("Subject to the bank's approval.") == set()


@pytest.mark.parametrize(
    "text",
    [
        "g u a r a n t e e d",  # spelled apart
        "guaran-teed",  # broken
        "g.u.a.r.a.n.t.e.e.d",  # dotted
        "gu4r4nt33d",  # digits for letters
        "ɡuаrаnteed",  # look-alike letters
        "guar\u200banteed",  # an invisible character
        "ＧＵＡＲＡＮＴＥＥＤ",  # full-width
        "guárántéed",  # accents
    ],
)
def test_a_disguise_does_not_help(text: str) -> None:
    assert "guarantee" in _rules(f"Your saving is {text}.")


@pytest.mark.parametrize(
    "address",
    ["https://www.hdb.gov.sg/loans", "iras.gov.sg", "https://mas.gov.sg:443/x", "https://www.abs.org.sg"],
)
def test_public_bodies_may_be_linked(address: str) -> None:
    assert _rules(f"See {address} for more.") == set()


@pytest.mark.parametrize(
    "address",
    [
        "https://hdb.gov.sg.evil.com",  # a sub-domain of another
        "https://hdb.gov.sg@evil.com",  # a user name
        "https://xhdb-gov.sg",  # looks like it
        "https://hdb.gоv.sg",  # a Cyrillic letter
        "ftp://hdb.gov.sg",  # another scheme
        "me@hdb.gov.sg.evil.com",  # an e-mail address
        "evil [dot] com",  # spelled out
        "http://[::1",  # broken
        "10.0.0.1",  # a number
    ],
)
def test_look_alikes_of_public_bodies_may_not(address: str) -> None:
    assert "foreign_address" in _rules(f"See {address} for more.")


def test_an_address_of_the_evidence_may_be_given() -> None:
    address = "https://www.creditbureau.example/report"
    source = Evidence(kind=EvidenceKind.KNOWLEDGE, ref="credit", detail={"source": address})
    assert forbidden(f"See {address}.", evidence=[source]) == ()
    assert forbidden(f"See {address}.") != ()


SHEET = Evidence(
    kind=EvidenceKind.RATE,
    ref="DBS Fixed as of 2026-11-20",
    detail={"bank": "DBS", "as_of": "2026-11-20", "valid_until": "2026-11-30"},
    figures=(
        Figure(label="fixed_rate_pct", value=Decimal("2.45"), unit=Unit.PERCENT),
        Figure(label="fixed_years", value=Decimal(2), unit=Unit.YEARS),
        Figure(label="thereafter_spread_pct", value=Decimal(1), unit=Unit.PERCENT),
        Figure(label="lock_in_years", value=Decimal(2), unit=Unit.YEARS),
    ),
)
WHOLE = (
    "DBS: 2.45% fixed for 2 years, thereafter 3-month SORA + 1%, lock-in 2 years, "
    "as of 20 Nov 2026, subject to the bank's approval."
)


def _verdict(text: str, today: date | None = None) -> set[str]:
    return {f.rule for f in check(Reply(text=text, intent="rates", evidence=(SHEET,)), today=today).findings}


@pytest.mark.parametrize(
    ("cut", "rule"),
    [
        ("", None),
        (", as of 20 Nov 2026", "undated_rate"),
        (", subject to the bank's approval", "unqualified_rate"),
        (", thereafter 3-month SORA + 1%", "partial_rate"),
        (", lock-in 2 years", "partial_rate"),
    ],
)
def test_a_rate_is_said_whole(cut: str, rule: str | None) -> None:
    assert _verdict(WHOLE.replace(cut, "")) == ({rule} if rule else set())


@pytest.mark.parametrize(
    "written", ["20 Nov 2026", "20 November", "Nov 20, 2026", "2026-11-20", "20/11/2026", "20/11/26"]
)
def test_the_date_may_be_written_in_any_usual_way(written: str) -> None:
    assert _verdict(WHOLE.replace("20 Nov 2026", written)) == set()


@pytest.mark.parametrize("written", ["19 Nov 2026", "20 Nov 2025", "20/12/2026"])
def test_another_date_is_no_date(written: str) -> None:
    assert _verdict(WHOLE.replace("20 Nov 2026", written)) == {"undated_rate"}


def test_a_rate_of_an_expired_sheet_is_refused() -> None:
    assert _verdict(WHOLE, today=date(2026, 11, 30)) == set()
    assert _verdict(WHOLE, today=date(2026, 12, 1)) == {"stale_rate"}


def test_a_reply_that_nobody_would_read_is_refused_unread() -> None:
    assert check(Reply(text="no " * LONGEST, intent="x")).findings[0].rule == "too_long"


def test_the_reasons_are_lines_for_a_model() -> None:
    verdict = check(Reply(text="You will be approved. Only today.", intent="x"))
    assert not verdict.ok
    assert all(line.startswith('- "') for line in verdict.reasons().splitlines())
