"""What the API answers when it does not do what was asked: one shape, and always in words."""

from __future__ import annotations

import math
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Refused(Exception):  # noqa: N818  an answer, raised where it becomes clear
    """A request that is not done, with the sentence that says why.

    `errors` names each field at fault; `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        sentence: str,
        errors: Mapping[str, str] | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.errors = dict(errors or {})
        self.retry_after = retry_after

    def answer(self) -> JSONResponse:
        headers = {}
        if self.retry_after is not None:
            headers["retry-after"] = str(max(1, math.ceil(self.retry_after)))
        body = {"success": False, "error": str(self), "errors": self.errors}
        return JSONResponse(body, status_code=self.status, headers=headers)


async def answer_refused(_: Request, error: Exception) -> Response:
    """The application's handler for Refused."""
    if not isinstance(error, Refused):
        raise error
    return error.answer()
