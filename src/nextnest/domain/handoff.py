"""Why a conversation goes to a person."""

from __future__ import annotations

from enum import StrEnum


class HandoffReason(StrEnum):
    ASKED_FOR_PERSON = "asked_for_person"
    COMPLAINT = "complaint"
    DISTRESS = "distress"
    LEGAL_THREAT = "legal_threat"
    BEREAVEMENT = "bereavement"
    DIVORCE = "divorce"
    OTHER_PROFESSION = "other_profession"  # insurance, investments, tax schemes, disputes
    NOT_UNDERSTOOD = "not_understood"  # three times in a row
    READY_TO_APPLY = "ready_to_apply"
    HIGH_VALUE = "high_value"
    PROMPT_ATTACK = "prompt_attack"
    LANGUAGE = "language"  # the playbook does not speak it
    UNPROVEN = "unproven"  # no reply could be proven
    TECHNICAL = "technical"
    TOO_LONG = "too_long"  # the bot does not talk for ever
    PERSON_STEPPED_IN = "person_stepped_in"
    WINDOW_CLOSED = "window_closed"  # the channel takes free text no longer
    ATTACHMENT = "attachment"  # voice, picture or file that the bot cannot read
