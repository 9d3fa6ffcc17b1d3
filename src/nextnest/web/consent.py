"""What the customer agrees to, word for word. Whoever changes a word changes the version."""

from __future__ import annotations

TEXT_VERSION = "2026-11-22"

# Without this there is no lead: we could not answer.
CONTACT = (
    "I agree that {brokerage} uses what I enter here to work out my mortgage options and to answer me by "
    "chat, phone, WhatsApp or e-mail. An AI assistant answers first; I can ask for a person at any time. "
    "My details are not sold, and go to a bank only when I ask for it."
)
# Separate, off by default, never a condition.
MARKETING = (
    "Also tell me when rates change or when it may be time to refinance. I can stop this at any time by "
    "answering STOP."
)
ESTIMATE = "A computer-generated estimate, not an offer of credit; the bank's own assessment decides."
