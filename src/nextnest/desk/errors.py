"""Why a request is refused, in Chatwoot's own bodies (`request_exception_handler.rb`).

Refused                 any answer that is not a success: status and JSON body
├── NotFound            404 {"error": "Resource could not be found"}
├── NotRouted           404 {"status": 404, "error": "Not Found"}   (no such route; the public API's records)
├── Forbidden           401 {"error": ...}                          (Pundit answers 401, not 403)
├── Unprocessable       422 {"error": ...}
├── Invalid             422 {"message": ..., "attributes": [...]}   (a model's validation)
└── Crash               500 {"status": 500, "error": "Internal Server Error"}
"""

from __future__ import annotations

from typing import Any


class Refused(Exception):  # noqa: N818  # an answer, like HTTPException
    """An answer other than success."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class NotFound(Refused):
    """No such record, or not in this account."""

    def __init__(self) -> None:
        super().__init__(404, {"error": "Resource could not be found"})


class NotRouted(Refused):
    """No such route."""

    def __init__(self) -> None:
        super().__init__(404, {"status": 404, "error": "Not Found"})


class Forbidden(Refused):
    """The token is good, but not for this."""

    def __init__(self, message: str = "You are not authorized to do this action") -> None:
        super().__init__(401, {"error": message})


class Unprocessable(Refused):
    """Refused with one free text."""

    def __init__(self, message: Any) -> None:
        super().__init__(422, {"error": message})


class Invalid(Refused):
    """A record that does not pass its model's validation: `(attribute, complaint)` each."""

    def __init__(self, *complaints: tuple[str, str]) -> None:
        self.text = ", ".join(full_message(attribute, text) for attribute, text in complaints)
        attributes = list(dict.fromkeys(attribute for attribute, _ in complaints))
        super().__init__(422, {"message": self.text, "attributes": attributes})


class Crash(Refused):
    """Where Chatwoot raises what nothing rescues."""

    def __init__(self) -> None:
        super().__init__(500, {"status": 500, "error": "Internal Server Error"})


def full_message(attribute: str, complaint: str) -> str:
    """Rails' `full_messages`: the attribute's human name, then the complaint."""
    if attribute == "base":
        return complaint
    return f"{attribute.replace('_', ' ').capitalize()} {complaint}"
