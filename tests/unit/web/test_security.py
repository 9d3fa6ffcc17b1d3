"""Headers, the API key, and staff sessions."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from nextnest.settings import ChatwootSettings, Settings
from nextnest.web.security import bearer, chatwoot_origins, content_security_policy, is_api_key
from nextnest.web.sessions import SESSION_SECONDS, Sessions


def _settings(public_url: str = "http://127.0.0.1:8080", base_url: str | None = None) -> Settings:
    chatwoot = ChatwootSettings(base_url=base_url, account_id=1, api_key=SecretStr("t")) if base_url else None
    return Settings(
        home=Path("home"),
        public_url=public_url,
        api_key=SecretStr("the key"),
        secret_key=SecretStr("a secret"),
        chatwoot=chatwoot,
    )


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),  # not sent: a stranger, which is allowed
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),  # the scheme's case does not matter
        ("Basic abc", ""),  # sent, and not ours: that is a wrong key, not a stranger
        ("abc", ""),
        ("", ""),
    ],
)
def test_the_bearer_token(header: str | None, token: str | None) -> None:
    assert bearer(Headers({"authorization": header} if header is not None else {})) == token


@pytest.mark.parametrize("candidate", ["", "the ke", "the key ", "THE KEY", "ключ"])
def test_only_the_key_itself_is_the_key(candidate: str) -> None:
    assert is_api_key("the key", _settings())
    assert not is_api_key(candidate, _settings())


@pytest.mark.parametrize(
    ("base_url", "origins"),
    [
        (None, ()),
        ("https://chat.example.com", ("https://chat.example.com",)),
        ("https://chat.example.com:8443/x", ("https://chat.example.com:8443",)),
        # the desk is opened under either name
        ("http://127.0.0.1:9000", ("http://127.0.0.1:9000", "http://localhost:9000")),
    ],
)
def test_only_chatwoot_may_frame_the_panel(base_url: str | None, origins: tuple[str, ...]) -> None:
    assert chatwoot_origins(_settings(base_url=base_url)) == origins
    policy = content_security_policy(origins)
    assert policy.endswith(f"frame-ancestors {' '.join(origins) or chr(39) + 'none' + chr(39)}")


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = content_security_policy()
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith("default-src 'none'")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def _request(**headers: str) -> Request:
    return Request({"type": "http", "headers": [(k.encode(), v.encode()) for k, v in headers.items()]})


def test_a_session_ends() -> None:
    clock = Clock()
    sessions = Sessions("panel", _settings(), clock)
    token = sessions.new()
    assert sessions.is_valid(token)
    clock.now += SESSION_SECONDS
    assert not sessions.is_valid(token)


def test_a_session_of_the_panel_is_none_of_operations() -> None:
    assert not Sessions("ops", _settings()).is_valid(Sessions("panel", _settings()).new())


def test_a_cookie_shows_the_page_and_does_nothing() -> None:
    sessions = Sessions("panel", _settings())
    with_cookie = _request(cookie=f"nextnest_panel={sessions.new()}")
    assert sessions.may_see(with_cookie)
    assert not sessions.may_act(with_cookie)


@pytest.mark.parametrize(
    "token", ["the key", Sessions("panel", _settings()).new()], ids=["the API key", "a session"]
)
def test_the_header_acts(token: str) -> None:
    assert Sessions("panel", _settings()).may_act(_request(authorization=f"Bearer {token}"))


@pytest.mark.parametrize(
    ("area", "public_url", "attributes"),
    [
        (
            "panel",
            "https://nn.example.com",
            {"httponly", "secure", "samesite=none", "partitioned", "path=/panel"},
        ),
        ("ops", "https://nn.example.com", {"httponly", "secure", "samesite=lax", "path=/ops"}),
        ("panel", "http://127.0.0.1:8080", {"httponly", "samesite=lax", "path=/panel"}),
    ],
)
def test_the_cookie_is_as_narrow_as_its_place_allows(
    area: str, public_url: str, attributes: set[str]
) -> None:
    response = Response()
    Sessions("ops" if area == "ops" else "panel", _settings(public_url)).remember(response)
    found = {part.strip().lower() for part in response.headers["set-cookie"].split(";")[1:]}
    assert {part for part in found if not part.startswith("max-age")} == {"httponly", *attributes}
