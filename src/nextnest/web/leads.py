"""POST /api/leads: one lead as JSON, from the brokerage's own systems (with the API key) or from anybody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nextnest.domain.lead import Lead, LeadErrors, parse_lead
from nextnest.service.intake import Submission
from nextnest.settings import Settings
from nextnest.web.bodies import read_json
from nextnest.web.limits import ClientAddress, Rate, admit
from nextnest.web.metrics import WebMetrics
from nextnest.web.problems import Refused
from nextnest.web.security import bearer, is_api_key
from nextnest.web.services import Services
from nextnest.web.tokens import chat_url

MAX_BODY = 256 * 1024
MAX_KEY = 200
CONVERSATION_WAIT = 3.0  # seconds
PER_ADDRESS = Rate(burst=20, seconds=60)
# The same person may correct and resend; more than this is a script.
PER_CONTACT = Rate(burst=10, seconds=60)


@dataclass(frozen=True)
class Sender:
    """Who sends a lead: `trusted` holds the API key, `proven_lead_id` is that of a chat link still held."""

    key: str | None = None
    trusted: bool = False
    proven_lead_id: str | None = None
    flags: tuple[str, ...] = ()

    def key_for(self, lead: Lead) -> str | None:
        """A stranger's key counts for his own contact only: else a guessed key would open another's chat."""
        if self.key is None or self.trusted:
            return self.key
        contact = hashlib.sha256(f"{lead.email} {lead.phone}".encode()).hexdigest()[:24]
        return f"web {contact} {self.key}"


class LeadDesk:
    """Takes leads in for the API and for the form, which differ in how they read and answer only."""

    def __init__(self, services: Services, settings: Settings) -> None:
        self._services = services
        self._settings = settings
        self._address = ClientAddress(settings.trusted_proxies)

    async def admit(self, request: Request) -> None:
        """Refused (429) when this address has sent too much."""
        await admit(self._services.limits, f"lead from {self._address.of(request)}", PER_ADDRESS)

    async def submit(self, lead: Lead, sender: Sender) -> Submission:
        """Store the lead, or find it when the sender's key was seen before. Refused (429) in a flood."""
        for contact in (lead.email, lead.phone):
            if contact:
                digest = hashlib.sha256(contact.encode()).hexdigest()
                await admit(self._services.limits, f"lead of {digest}", PER_CONTACT)
        return await self._services.intake.submit(
            lead,
            idempotency_key=sender.key_for(lead),
            flags=sender.flags,
            trusted=sender.trusted,
            proven_lead_id=sender.proven_lead_id,
        )

    async def conversation_url(self, lead_id: str) -> str | None:
        """Where staff find the conversation; None when Chatwoot has not made it within the wait."""
        number = await self._services.intake.conversation_of(lead_id, wait=CONVERSATION_WAIT)
        chatwoot = self._settings.chatwoot
        if number is None or chatwoot is None:
            return None
        return f"{chatwoot.base_url}/app/accounts/{chatwoot.account_id}/conversations/{number}"


def read_key(request: Request) -> str | None:
    """The Idempotency-Key header. Refused (400) when it is too long or no plain text."""
    key = request.headers.get("idempotency-key")
    if key is not None and (not 0 < len(key) <= MAX_KEY or not (key.isascii() and key.isprintable())):
        raise Refused(400, f"Idempotency-Key must be 1 to {MAX_KEY} printable ASCII characters.")
    return key


def leads_router(services: Services, settings: Settings, metrics: WebMetrics) -> APIRouter:
    desk = LeadDesk(services, settings)
    router = APIRouter()

    @router.post("/api/leads")
    async def post_lead(request: Request) -> Response:
        token = bearer(request.headers)
        keyed = token is not None and is_api_key(token, settings)
        if token is not None and not keyed:
            raise Refused(401, "This API key is not known.")
        if not keyed:
            await desk.admit(request)
        key = read_key(request)
        try:
            lead = parse_lead(await read_json(request, MAX_BODY))
        except LeadErrors as error:
            metrics.leads.labels("api", "refused").inc()
            raise Refused(422, "Some fields need a change.", error.problems) from None
        submission = await desk.submit(lead, Sender(key, trusted=keyed))
        metrics.leads.labels("api", "repeated" if submission.repeated else "kept").inc()
        return await answer(submission, for_staff=keyed)

    async def answer(submission: Submission, *, for_staff: bool) -> Response:
        """201 once the conversation is there, else 202. Score and persona are for staff alone."""
        url = await desk.conversation_url(submission.lead_id)
        body: dict[str, object] = {
            "lead_id": submission.lead_id,
            "chatUrl": chat_url(settings, submission.lead_id),
        }
        if for_staff:
            body |= {
                "success": True,
                "leadScore": submission.score,
                "brokerPersona": submission.persona.value,
                "conversationUrl": url,
            }
        return JSONResponse(body, status_code=202 if url is None else 201)

    return router
