"""What a failure means, and what is repeated."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from nextnest.adapters.chatwoot import errors
from nextnest.adapters.chatwoot.circuit import Circuit, CircuitState
from tests.unit.chatwoot.server import TOKEN, Pauses, Server, client, public, recorded_answer

OK_PROFILE = (200, {"id": 1})


async def read(server: Server, **options: Any) -> object:
    async with client(server, **options) as chatwoot:
        return await chatwoot.profile()


async def write(server: Server, **options: Any) -> object:
    async with client(server, **options) as chatwoot:
        return await chatwoot.messages.create(7, "My income is S$9,876")


async def search(server: Server, **options: Any) -> object:
    async with client(server, **options) as chatwoot:
        return await chatwoot.contacts.find("email", "mei@example.com")


GONE = httpx2.ConnectError("no route to mei@example.com")
HUNG = httpx2.ReadTimeout("hung")
CUT = httpx2.RemoteProtocolError("server disconnected")


@pytest.mark.parametrize(
    ("call", "answer", "expected", "sent"),
    [
        # a read may always be repeated, whatever happened to it
        (read, (500, {"status": 500}), errors.Unavailable, 3),
        (read, (503, "upstream"), errors.Unavailable, 3),
        (read, HUNG, errors.Unavailable, 3),
        (read, CUT, errors.Unavailable, 3),
        (read, GONE, errors.Unavailable, 3),
        (search, (500, {}), errors.Unavailable, 3),  # a POST that only searches is a read
        (search, HUNG, errors.Unavailable, 3),
        # a write may have been stored: once, and the caller looks
        (write, (500, {"status": 500}), errors.UnknownOutcome, 1),
        (write, (502, "bad gateway"), errors.UnknownOutcome, 1),
        (write, (504, "gateway time-out"), errors.UnknownOutcome, 1),
        (write, HUNG, errors.UnknownOutcome, 1),
        (write, CUT, errors.UnknownOutcome, 1),
        (write, httpx2.WriteTimeout("half sent"), errors.UnknownOutcome, 1),
        (write, (200, "<html>login</html>"), errors.UnknownOutcome, 1),  # a proxy's page, or ours was stored
        (write, (200, {"id": 5}), errors.UnknownOutcome, 1),  # stored, but no word of where
        # a write that was certainly not processed is repeated
        (write, GONE, errors.Unavailable, 3),
        (write, httpx2.ConnectTimeout("no answer"), errors.Unavailable, 3),
        (write, httpx2.PoolTimeout("all busy"), errors.Unavailable, 3),
        (write, (429, "Retry later\n"), errors.RateLimited, 3),
        (read, (429, "Retry later\n"), errors.RateLimited, 3),
        # what is refused once is refused again
        (read, recorded_answer("profile_invalid_token"), errors.Unauthorised, 1),
        (read, recorded_answer("bot_token_messages_index"), errors.Unauthorised, 1),
        (read, recorded_answer("inbox_create_as_agent_401"), errors.Unauthorised, 1),  # Pundit says 401
        (read, (403, {"error": "API access is not enabled for this account"}), errors.Unauthorised, 1),
        (read, recorded_answer("wrong_account_404"), errors.NotFound, 1),
        (read, recorded_answer("malformed_json_body"), errors.Refused, 1),
        (write, recorded_answer("message_create_bad_message_type"), errors.Refused, 1),
        (write, recorded_answer("contact_create_duplicate_email"), errors.Conflict, 1),
        (write, recorded_answer("webhook_create_duplicate_url"), errors.Conflict, 1),
        # what is no answer of Chatwoot's, or no fault of the request, may be another time
        (write, (404, "404 page not found\n"), errors.Unavailable, 3),
        (write, (422, {"error": "Validation failed: Too many messages"}), errors.RateLimited, 1),
        (write, (422, {"error": "Error connecting to Redis"}), errors.UnknownOutcome, 1),
        (write, (422, {"error": "The request took too long to complete."}), errors.UnknownOutcome, 1),
        (read, (422, {"error": "The request took too long to complete."}), errors.Unavailable, 3),
        (write, (301, "", {"location": "https://chat.example.com/?t=1"}), errors.Refused, 1),
        (read, (200, "<html>"), errors.BadResponse, 1),
        (read, (200, {"name": "no id"}), errors.BadResponse, 1),
    ],
)
async def test_what_a_failure_means_and_how_often_it_is_tried(
    call: Any, answer: Any, expected: type[errors.ChatwootError], sent: int
) -> None:
    server = Server([answer])
    with pytest.raises(errors.ChatwootError) as caught:
        await call(server)
    assert type(caught.value) is expected
    assert len(server.seen) == sent


def test_the_tree_is_the_one_that_is_drawn() -> None:
    drawn = [
        (line.count("│") + line.count("└") + line.count("├"), line.strip("│├└─ ").split()[0])
        for line in (errors.__doc__ or "").splitlines()
        if "──" in line
    ]
    exported = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert {name for _, name in drawn} | {"ChatwootError"} == exported
    nested = {"Conflict": errors.Refused, "CircuitOpen": errors.Unavailable}
    for _, name in drawn:
        assert getattr(errors, name).__base__ is nested.get(name, errors.ChatwootError)


async def test_a_refusal_names_the_fields() -> None:
    with pytest.raises(errors.Conflict) as caught:
        await write(Server([recorded_answer("contact_create_duplicate_and_invalid")]))
    assert caught.value.fields == ("email", "identifier", "phone_number")


async def test_an_automation_rule_is_refused_in_yet_another_shape() -> None:
    with pytest.raises(errors.Refused) as caught:
        await write(Server([recorded_answer("automation_rule_bad_action")]))
    assert caught.value.fields == ("actions",)
    assert caught.value.detail == "Automation actions explode not supported."


async def test_a_redirect_says_where_to_without_its_query() -> None:
    server = Server([(301, "", {"location": "https://chat.example.com/api?token=s3cret"})])
    with pytest.raises(errors.Refused, match=r"redirected to https://chat\.example\.com/api$"):
        await read(server)


async def test_a_missing_key_names_itself_and_the_route() -> None:
    server = Server([(200, {"payload": {}})])
    async with client(server) as chatwoot:
        with pytest.raises(errors.BadResponse) as caught:
            await chatwoot.webhooks.all()
    assert str(caught.value) == "GET /api/v1/accounts/1/webhooks answered 200: no payload.webhooks"


@pytest.mark.parametrize("answer", [GONE, HUNG, (500, {}), (401, {}), (422, {"error": "no"}), (200, "?")])
async def test_no_error_carries_the_token_the_text_or_the_address(answer: Any) -> None:
    with pytest.raises(errors.ChatwootError) as caught:
        await write(Server([answer]))
    error = caught.value
    told = f"{error!r} {error} {error.__dict__} {error.__cause__!r}"
    assert TOKEN not in told
    assert "9,876" not in told
    assert "mei@example.com" not in told
    assert (error.method, error.path) == ("POST", "/api/v1/accounts/1/conversations/7/messages")


async def test_a_client_does_not_show_its_token() -> None:
    async with client(Server([OK_PROFILE])) as chatwoot:
        assert TOKEN not in f"{chatwoot!r} {chatwoot} {vars(chatwoot)}"
        assert repr(chatwoot) == "Chatwoot('http://chatwoot.test', 1)"


async def test_an_error_of_the_public_api_does_not_open_the_thread() -> None:
    async with public(Server([(404, {})]), "RBTEATCQi9cwHLAyUXW4nRvs") as inbox:
        with pytest.raises(errors.NotFound) as caught:
            await inbox.say("lead-7f3a", 4, "hello")
    assert caught.value.path == "/public/api/v1/inboxes/…/contacts/…/conversations/4/messages"


async def test_the_token_travels_in_a_header_that_proxies_keep() -> None:
    server = Server([OK_PROFILE])
    await read(server)
    assert server.seen[0].headers["api-access-token"] == TOKEN
    assert "api_access_token" not in server.seen[0].headers


async def test_a_read_that_recovers_is_answered_and_waits_between() -> None:
    pauses = Pauses()
    server = Server([(500, {}), (503, {}), OK_PROFILE])
    await read(server, pauses=pauses)
    # half (the jitter given) of 0.5 s, then of 1 s
    assert pauses.taken == [0.25, 0.5]


@pytest.mark.parametrize(
    ("header", "pauses", "sent"),
    [
        ("2", [2.25, 2.5], 3),  # what the server asks for, and jitter on top
        ("60", [], 1),  # longer than a caller should hang: the queue comes back later
        ("Wed, 21 Oct 2026 07:28:00 GMT", [0.25, 0.5], 3),  # a date is as good as none
        ("²", [0.25, 0.5], 3),  # a digit only to str.isdigit
        (None, [0.25, 0.5], 3),  # Chatwoot's own limiter says nothing
    ],
)
async def test_retry_after_is_honoured(header: str | None, pauses: list[float], sent: int) -> None:
    taken = Pauses()
    headers = {} if header is None else {"retry-after": header.encode().decode("latin-1")}
    server = Server([(429, "Retry later\n", headers)])
    with pytest.raises(errors.RateLimited) as caught:
        await write(server, pauses=taken)
    assert (taken.taken, len(server.seen)) == (pauses, sent)
    assert caught.value.retry_after == ({"2": 2.0, "60": 60.0}.get(header or ""))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_after_failures_in_a_row_nothing_is_sent_until_one_trial_succeeds() -> None:
    clock = Clock()
    circuit = Circuit(threshold=3, cool_down=10, clock=clock)
    server = Server([(500, {}), (500, {}), (500, {}), OK_PROFILE])
    with pytest.raises(errors.Unavailable):
        await read(server, circuit=circuit)
    states = [circuit.state]
    with pytest.raises(errors.CircuitOpen):  # for a write, too: certainly not processed
        await write(server, circuit=circuit)
    assert len(server.seen) == 3
    clock.now = 10
    await read(server, circuit=circuit)
    assert [*states, circuit.state] == [CircuitState.OPEN, CircuitState.CLOSED]


async def test_what_the_server_refuses_does_not_open_the_circuit() -> None:
    circuit = Circuit(threshold=1)
    for answer in [(401, {}), (404, {}), (422, {}), (429, "")]:
        with pytest.raises(errors.ChatwootError):
            await read(Server([answer]), circuit=circuit)
    assert circuit.state is CircuitState.CLOSED


async def test_a_number_that_json_cannot_hold_is_not_sent() -> None:
    server = Server([OK_PROFILE])
    async with client(server) as chatwoot:
        with pytest.raises(errors.NotSent):
            await chatwoot.conversations.set_custom_attributes(1, {"rate": float("nan")})
    assert server.seen == []


async def test_a_base_url_with_a_path_keeps_it() -> None:
    from nextnest.adapters.chatwoot.client import Chatwoot

    server = Server([OK_PROFILE])
    transport = httpx2.ASGITransport(app=server)
    async with Chatwoot("http://chatwoot.test/support/", 1, TOKEN, transport=transport) as chatwoot:
        await chatwoot.profile()
    assert server.seen[0].target == "/support/api/v1/profile"
