"""What a failure of the model library means, in a word that can be counted."""

from __future__ import annotations

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelTimeoutError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
    UserError,
)

_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((TimeoutError, ModelTimeoutError, ModelRequestTimeout), "timeout"),
    ((ModelRateLimitError, ModelQuotaExceededError), "rate_limited"),
    ((UsageLimitExceeded,), "turn_limit"),
    ((ModelAuthenticationError, ModelNotFoundError, UserError), "misconfigured"),
    ((ContentFilterError, ModelRequestRejectedError), "refused"),
    ((ModelConnectionError,), "unreachable"),
    ((ModelAPIError,), "server_error"),
    ((UnexpectedModelBehavior,), "malformed"),
)


def reason_of(error: BaseException) -> str:
    """One of the reasons that `ports.ModelFailed` names."""
    if isinstance(error, BaseExceptionGroup):  # of a chain of models: the last one's says most
        return reason_of(error.exceptions[-1])
    return next((reason for kinds, reason in _REASONS if isinstance(error, kinds)), "failed")


# Where a person looks when the model does not answer.
_VARIABLES = {
    "unreachable": "NEXTNEST_MODEL_BASE_URL",
    "timeout": "NEXTNEST_MODEL_BASE_URL",
    "misconfigured": "NEXTNEST_MODEL or the key of its provider",
}


def variable_of(reason: str) -> str:
    """The setting to look at for a reason."""
    return _VARIABLES.get(reason, "NEXTNEST_MODEL")
