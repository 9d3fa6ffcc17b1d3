"""GET and POST /: the form. It works as plain HTML; scripts make it kinder, not different."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from nextnest.domain.lead import Lead, LeadErrors, parse_lead
from nextnest.settings import Settings
from nextnest.web import consent
from nextnest.web.bodies import read_json
from nextnest.web.fields import MOST_APPLICANTS, SHOWN, consent_data, lead_data
from nextnest.web.leads import MAX_BODY, MAX_KEY, LeadDesk, Sender, read_key
from nextnest.web.limits import ClientAddress, Rate, admit
from nextnest.web.metrics import WebMetrics
from nextnest.web.pages import Pages
from nextnest.web.preview import preview
from nextnest.web.problems import Refused
from nextnest.web.services import Services
from nextnest.web.tokens import Signer, chat_signer, chat_url

FASTEST_PERSON = 4.0  # seconds from page to submission; who is faster is flagged, never refused
TRAP = "company_website"  # a field that people do not see and scripts fill in
PREVIEWS = Rate(burst=60, seconds=60)
SINGAPORE = ZoneInfo("Asia/Singapore")


def form_router(services: Services, settings: Settings, pages: Pages, metrics: WebMetrics) -> APIRouter:
    form = _Form(services, settings, pages, metrics)
    router = APIRouter()
    router.add_api_route("/", form.show, methods=["GET"])
    router.add_api_route("/", form.submit, methods=["POST"], max_body_size=MAX_BODY)
    router.add_api_route("/api/preview", form.first_figure, methods=["POST"])
    return router


def read_lead(form: Mapping[str, str]) -> Lead:
    """The lead in a submitted form. Raises LeadErrors with the form's own rules among the problems."""
    data = lead_data(form) | {"consent": consent_data(form), "source": "web form"}
    problems = {}
    if "purpose" not in data:
        problems["purpose"] = "choose what the loan is for"
    if not data["consent"]["contact"]:
        problems["consent.contact"] = "tick this, so that we may answer you"
    try:
        lead = parse_lead(data)
    except LeadErrors as error:
        raise LeadErrors(error.problems | problems) from None
    if problems:
        raise LeadErrors(problems)
    return lead


@dataclass(frozen=True)
class Filled:
    """The form as the template needs it: what was typed, and what is wrong with it."""

    typed: Mapping[str, str]
    wrong: Mapping[str, str]

    def value(self, field: str) -> str:
        return self.typed.get(field, "")

    def error(self, field: str) -> str:
        return self.wrong.get(field, "")

    def purposes(self, field: str) -> str:
        """For which purposes a field is shown."""
        return " ".join(purpose for purpose, fields in SHOWN.items() if field in fields)


class _Form:
    def __init__(self, services: Services, settings: Settings, pages: Pages, metrics: WebMetrics) -> None:
        self._services = services
        self._settings = settings
        self._pages = pages
        self._desk = LeadDesk(services, settings)
        self._metrics = metrics
        self._address = ClientAddress(settings.trusted_proxies)
        self._opened = Signer(settings.key_for("form opened"))
        self._chats = chat_signer(settings)
        self._clock = time.time

    async def show(self) -> Response:
        return self._page({}, {})

    async def submit(self, request: Request) -> Response:
        """201 or a way to the chat; 422 with a sentence beside each field; JSON for scripts."""
        async with request.form(max_fields=200) as sent:
            form = {name: value for name, value in sent.items() if isinstance(value, str)}
        try:
            await self._desk.admit(request)
            lead = read_lead(form)
            sender = Sender(
                key=read_key(request) or form.get("submission", "")[:MAX_KEY] or None,
                proven_lead_id=self._chats.read(form.get("chat", "")),
                flags=self._flags(form),
            )
            submission = await self._desk.submit(lead, sender)
        except LeadErrors as error:
            self._metrics.leads.labels("form", "refused").inc()
            return self._again(request, form, error.problems)
        except Refused as refused:
            return refused.answer() if _is_script(request) else self._pages.error(refused.status)
        self._metrics.leads.labels("form", "repeated" if submission.repeated else "kept").inc()
        if _is_script(request):
            url = chat_url(self._settings, submission.lead_id)
            return JSONResponse({"lead_id": submission.lead_id, "chatUrl": url}, status_code=201)
        # Relative: the customer stays at the host under which he knows us.
        token = self._chats.sign(submission.lead_id)
        return RedirectResponse(f"/chat/{token}", status_code=303)

    async def first_figure(self, request: Request) -> Response:
        """What the facts so far allow to compute; the body is the form's fields as flat JSON."""
        await admit(self._services.limits, f"preview {self._address.of(request)}", PREVIEWS)
        facts = await read_json(request, MAX_BODY)
        form = {name: value for name, value in facts.items() if isinstance(value, str)}
        return JSONResponse(asdict(preview(lead_data(form), today=datetime.now(SINGAPORE).date())))

    def _flags(self, form: Mapping[str, str]) -> tuple[str, ...]:
        """Signs of a script. They flag a lead for a person's eye and never lose one."""
        flags = ["spam_trap"] if form.get(TRAP) else []
        opened = self._opened.read(form.get("opened", ""))
        if opened is None or self._clock() - float(opened) < FASTEST_PERSON:
            flags.append("filled_in_too_fast")
        return tuple(flags)

    def _again(self, request: Request, form: Mapping[str, str], problems: Mapping[str, str]) -> Response:
        if _is_script(request):
            return Refused(422, "Some fields need a change.", problems).answer()
        return self._page(form, problems, status=422)

    def _page(self, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
        return self._pages.render(
            "form.html",
            status=status,
            form=Filled(values, errors),
            applicants=range(MOST_APPLICANTS),
            consent=consent,
            trap=TRAP,
            submission=values.get("submission") or str(uuid.uuid4()),
            opened=values.get("opened") or self._opened.sign(str(int(self._clock()))),
        )


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
