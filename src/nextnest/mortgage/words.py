"""The types of inputs that are one of a few words; each is read in any case and by its usual synonyms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field


def _word(**synonyms: str) -> Callable[[Any], Any]:
    """Read a word in any case and dress; synonyms map to the one name."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        word = re.sub(r"[\s_-]+", "_", value.strip().lower())
        return synonyms.get(word, word)

    return read


Use = Annotated[
    Literal["residential", "non_residential"],
    BeforeValidator(
        _word(
            commercial="non_residential",
            industrial="non_residential",
            nonresidential="non_residential",
            shophouse="non_residential",
            hdb="residential",
            ec="residential",
            condo="residential",
            landed="residential",
            private="residential",
        )
    ),
    Field(description="what the property is used for"),
]
SaleUse = Annotated[
    Literal["residential", "industrial", "commercial"],
    BeforeValidator(_word()),
    Field(description="what the sold property is used for; seller's stamp duty differs"),
]
PropertyKind = Annotated[
    Literal["hdb", "ec", "private"],
    BeforeValidator(
        _word(
            hdb_flat="hdb",
            flat="hdb",
            executive_condominium="ec",
            condo="private",
            condominium="private",
            apartment="private",
            landed="private",
        )
    ),
    Field(description="HDB flat, executive condominium or other private home"),
]
Profile = Annotated[
    Literal["SC", "PR", "FR", "FTA", "ENTITY", "TRUSTEE", "DEVELOPER"],
    BeforeValidator(
        lambda value: (
            {
                "CITIZEN": "SC",
                "SINGAPORE_CITIZEN": "SC",
                "SPR": "PR",
                "PERMANENT_RESIDENT": "PR",
                "FOREIGNER": "FR",
                "FOREIGN": "FR",
                "F": "FR",
                "COMPANY": "ENTITY",
                "TRUST": "TRUSTEE",
                "HOUSING_DEVELOPER": "DEVELOPER",
            }.get(word := str(_word()(value)).upper(), word)
            if isinstance(value, str)
            else value
        )
    ),
    Field(
        description="SC citizen, PR permanent resident, FR foreigner, FTA national of the United States, "
        "Iceland, Liechtenstein, Norway or Switzerland, or an entity, trustee or housing developer"
    ),
]
PropertyType = Annotated[
    Literal["hdb", "ec", "condo", "landed", "commercial"],
    BeforeValidator(
        _word(
            hdb_flat="hdb",
            executive_condominium="ec",
            condominium="condo",
            apartment="condo",
            private="condo",
            non_residential="commercial",
            industrial="commercial",
            shophouse="commercial",
        )
    ),
    Field(description="what is bought"),
]
Stage = Annotated[
    Literal["resale", "new_launch", "bto"],
    BeforeValidator(_word(new="new_launch", completed="resale")),
    Field(description="bought from an owner, from a developer, or built to order by HDB"),
]
Residency = Annotated[
    Literal["sc", "pr", "foreigner", "fta"],
    BeforeValidator(
        _word(citizen="sc", singapore_citizen="sc", spr="pr", permanent_resident="pr", fr="foreigner")
    ),
    Field(description="citizen, permanent resident, foreigner, or foreigner with citizen rates (free trade)"),
]
Employment = Annotated[
    Literal["employed", "self_employed", "variable", "not_working"],
    BeforeValidator(_word(commission="variable", salaried="employed", unemployed="not_working")),
    Field(description="how the income is earned; all income of the self-employed is variable"),
]
Household = Annotated[
    Literal["SC/SC", "SC/SPR", "FT/ST"],
    BeforeValidator(
        lambda value: (
            {"SC/PR": "SC/SPR", "SPR/SC": "SC/SPR", "PR/SC": "SC/SPR", "ST/FT": "FT/ST"}.get(
                word := re.sub(r"[\s_&+/-]+", "/", value.strip().upper()), word
            )
            if isinstance(value, str)
            else value
        )
    ),
    Field(description="two citizens; citizen and permanent resident; or first-timer with second-timer"),
]
Buyer = Annotated[
    Literal["family", "extended", "single", "ec"],
    BeforeValidator(_word(families="family", extended_family="extended", singles="single")),
    Field(description="who buys: family, extended family, single, or any buyer of an executive condominium"),
]
Flat = Annotated[
    Literal["2-room", "3-room", "4-room", "5-room", "executive", "EC"],
    BeforeValidator(
        lambda value: (
            {
                "2_room_flexi": "2-room",
                "2_room": "2-room",
                "3_room": "3-room",
                "4_room": "4-room",
                "4_room_or_smaller": "4-room",
                "5_room": "5-room",
                "5_room_or_bigger": "5-room",
                "exec": "executive",
                "executive_flat": "executive",
                "3gen": "5-room",
                "ec": "EC",
                "executive_condominium": "EC",
            }.get(word := str(_word()(value)), word)
            if isinstance(value, str)
            else value
        )
    ),
    Field(description="type of flat"),
]
