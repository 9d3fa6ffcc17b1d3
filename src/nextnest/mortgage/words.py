"""The types of inputs that are one of a few words; each is read in any case and by its usual synonyms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field


def _plain(word: str) -> str:
    """ "Permanent Resident " as "permanent_resident", "SC / SPR" as "sc_spr"."""
    return re.sub(r"[\s_&+/.,-]+", "_", word.strip().lower()).strip("_")


def _word(canonical: Callable[[str], str] = str, /, **synonyms: str) -> BeforeValidator:
    """Read a word in any case and dress: by its synonyms, else as `canonical` spells the plain word."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        plain = _plain(value)
        return synonyms[plain] if plain in synonyms else canonical(plain)

    return BeforeValidator(read)


def _spelled_flat(plain: str) -> str:
    """ "4rm", "4_room", "4_room_or_smaller" as "4-room"."""
    rooms = re.fullmatch(r"([2-5])_?(?:rm|room)(?:_.*)?", plain)
    return f"{rooms[1]}-room" if rooms else plain


def _spelled_household(plain: str) -> str:
    return plain.upper().replace("_", "/")


_HOMES = ("condo", "condominium", "apartment", "landed", "private")

Use = Annotated[
    Literal["residential", "non_residential"],
    _word(
        commercial="non_residential",
        industrial="non_residential",
        nonresidential="non_residential",
        shophouse="non_residential",
        hdb="residential",
        ec="residential",
        **dict.fromkeys(_HOMES, "residential"),
    ),
    Field(description="what the property is used for"),
]
SaleUse = Annotated[
    Literal["residential", "industrial", "commercial"],
    _word(ec="residential", **dict.fromkeys(_HOMES, "residential")),
    Field(description="what the sold property is used for; seller's stamp duty differs"),
]
PropertyKind = Annotated[
    Literal["hdb", "ec", "private"],
    _word(hdb_flat="hdb", flat="hdb", executive_condominium="ec", **dict.fromkeys(_HOMES, "private")),
    Field(description="HDB flat, executive condominium or other private home"),
]
Profile = Annotated[
    Literal["SC", "PR", "FR", "FTA", "ENTITY", "TRUSTEE", "DEVELOPER"],
    _word(
        str.upper,
        citizen="SC",
        singapore_citizen="SC",
        singaporean="SC",
        spr="PR",
        permanent_resident="PR",
        singapore_permanent_resident="PR",
        foreigner="FR",
        foreign="FR",
        f="FR",
        company="ENTITY",
        trust="TRUSTEE",
        housing_developer="DEVELOPER",
    ),
    Field(
        description="SC citizen, PR permanent resident, FR foreigner, FTA national of the United States, "
        "Iceland, Liechtenstein, Norway or Switzerland, or an entity, trustee or housing developer"
    ),
]
PropertyType = Annotated[
    Literal["hdb", "ec", "condo", "landed", "commercial"],
    _word(
        hdb_flat="hdb",
        executive_condominium="ec",
        condominium="condo",
        apartment="condo",
        private="condo",
        non_residential="commercial",
        industrial="commercial",
        shophouse="commercial",
    ),
    Field(description="what is bought"),
]
Lender = Annotated[
    Literal["bank", "hdb"], _word(hdb_loan="hdb", bank_loan="bank"), Field(description="who lends")
]
Stage = Annotated[
    Literal["resale", "new_launch", "bto"],
    _word(new="new_launch", completed="resale"),
    Field(description="bought from an owner, from a developer, or built to order by HDB"),
]
Residency = Annotated[
    Literal["sc", "pr", "foreigner", "fta"],
    _word(
        citizen="sc",
        singapore_citizen="sc",
        singaporean="sc",
        spr="pr",
        permanent_resident="pr",
        singapore_permanent_resident="pr",
        fr="foreigner",
        foreign="foreigner",
    ),
    Field(description="citizen, permanent resident, foreigner, or foreigner with citizen rates (free trade)"),
]
Employment = Annotated[
    Literal["employed", "self_employed", "variable", "not_working"],
    _word(commission="variable", salaried="employed", unemployed="not_working"),
    Field(description="how the income is earned; all income of the self-employed is variable"),
]
Household = Annotated[
    Literal["SC/SC", "SC/SPR", "FT/ST"],
    _word(_spelled_household, sc_pr="SC/SPR", spr_sc="SC/SPR", pr_sc="SC/SPR", st_ft="FT/ST"),
    Field(description="two citizens; citizen and permanent resident; or first-timer with second-timer"),
]
Buyer = Annotated[
    Literal["family", "extended", "single", "ec"],
    _word(families="family", extended_family="extended", singles="single"),
    Field(description="who buys: family, extended family, single, or any buyer of an executive condominium"),
]
Flat = Annotated[
    Literal["2-room", "3-room", "4-room", "5-room", "executive", "EC"],
    _word(
        _spelled_flat,
        exec="executive",
        ea="executive",
        em="executive",
        maisonette="executive",
        executive_flat="executive",
        executive_apartment="executive",
        executive_maisonette="executive",
        **{"3gen": "5-room", "3_gen": "5-room"},
        ec="EC",
        executive_condominium="EC",
    ),
    Field(description="type of flat"),
]
