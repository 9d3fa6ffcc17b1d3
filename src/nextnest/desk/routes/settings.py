"""What the account has set up: attribute definitions, labels, canned responses."""

from __future__ import annotations

import re

from nextnest.desk import views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.errors import Crash, Invalid
from nextnest.desk.installation import ACCOUNT_ID
from nextnest.desk.models import AttributeDefinition, CannedResponse, Json, Label
from nextnest.desk.routes.integrations import need
from nextnest.desk.times import iso

# -- custom attribute definitions

DISPLAY_TYPES = ("text", "number", "currency", "percent", "link", "date", "list", "checkbox")
MODELS = ("conversation_attribute", "contact_attribute", "company_attribute")
DEFINITION_COLUMNS = (
    "attribute_display_name", "attribute_description", "attribute_display_type", "attribute_key",
    "attribute_model", "regex_pattern", "regex_cue", "attribute_values",
)  # fmt: skip
# The standard attributes of conversations and contacts (`STANDARD_ATTRIBUTES`).
TAKEN = {
    "conversation_attribute": {
        "status", "priority", "assignee_id", "inbox_id", "team_id", "display_id", "campaign_id", "labels",
        "browser_language", "country_code", "referer", "created_at", "last_activity_at",
    },
    "contact_attribute": {
        "name", "email", "phone_number", "identifier", "country_code", "city", "created_at",
        "last_activity_at", "referer", "blocked",
    },
    "company_attribute": set(),
}  # fmt: skip


def _definition_columns(call: Call) -> Json:
    """Enumerations come as words or numbers; anything else is a crash."""
    columns = call.wrapped("custom_attribute_definition", DEFINITION_COLUMNS)
    for name, words in (("attribute_display_type", DISPLAY_TYPES), ("attribute_model", MODELS)):
        if name in columns:
            columns[name] = word(columns[name], words)
    return columns


def word(value: object, words: tuple[str, ...]) -> str:
    if isinstance(value, int | str) and str(value).isdigit() and int(value) < len(words):
        return words[int(value)]
    if value not in words:
        raise Crash
    return str(value)


def _check_definition(call: Call, definition: AttributeDefinition) -> None:
    complaints = []
    key, model = definition.attribute_key or "", definition.attribute_model
    if not definition.attribute_display_name:
        complaints.append(("attribute_display_name", "can't be blank"))
    if not key:
        complaints.append(("attribute_key", "can't be blank"))
    elif not re.fullmatch(r"[\w.\-]+", key):
        complaint = "must only contain letters, numbers, underscores, hyphens, and dots"
        complaints.append(("attribute_key", complaint))
    same = [d for d in call.work.store.all(AttributeDefinition) if d.attribute_model == model]
    if any(d.attribute_key == key and d.id != definition.id for d in same):
        complaints.append(("attribute_key", "has already been taken"))
    if key in TAKEN[model]:
        complaint = "The provided key is not allowed as it might conflict with default attributes."
        complaints.append(("attribute_key", complaint))
    if complaints:
        raise Invalid(*complaints)


def definitions(call: Call) -> list[Json]:
    found = call.work.store.all(AttributeDefinition)
    wanted = call.query.get("attribute_model")
    if wanted is not None and wanted != "":
        model = word(wanted, MODELS)
        found = [definition for definition in found if definition.attribute_model == model]
    return [views.definition(definition) for definition in found]


def show_definition(call: Call) -> Json:
    return views.definition(need(call, AttributeDefinition))


def create_definition(call: Call) -> Json:
    definition = AttributeDefinition(**_definition_columns(call))
    _check_definition(call, definition)
    return views.definition(call.work.store.add(definition, call.work.now()))


def update_definition(call: Call) -> Json:
    definition = need(call, AttributeDefinition)
    columns = _definition_columns(call)
    _check_definition(call, AttributeDefinition(**{**vars(definition), **columns}))
    call.work.store.update(definition, now=call.work.now(), **columns)
    return views.definition(definition)


def delete_definition(call: Call) -> Empty:
    call.work.store.delete(need(call, AttributeDefinition))
    return Empty.NO_CONTENT


# -- labels

LABEL_COLUMNS = ("title", "description", "color", "show_on_sidebar")


def _label(label: Label) -> Json:
    return {"id": label.id, **{name: getattr(label, name) for name in LABEL_COLUMNS}}


def _label_columns(call: Call) -> Json:
    columns = call.wrapped("label", LABEL_COLUMNS)
    if "title" in columns:
        columns["title"] = str(columns["title"] or "").lower()
    return columns


def _check_label(call: Call, label: Label) -> None:
    if not re.fullmatch(r"[\w\-]{2,}", label.title):
        raise Invalid(("title", "is invalid"))
    if any(other.title == label.title and other.id != label.id for other in call.work.store.all(Label)):
        raise Invalid(("title", "has already been taken"))


def labels(call: Call) -> Json:
    return {"payload": [_label(label) for label in call.work.store.all(Label)]}


def show_label(call: Call) -> Json:
    return _label(need(call, Label))


def create_label(call: Call) -> Json:
    label = Label(**{"title": "", **_label_columns(call)})
    _check_label(call, label)
    return _label(call.work.store.add(label, call.work.now()))


def update_label(call: Call) -> Json:
    label = need(call, Label)
    columns = _label_columns(call)
    _check_label(call, Label(**{**vars(label), **columns}))
    call.work.store.update(label, now=call.work.now(), **columns)
    return _label(label)


def delete_label(call: Call) -> Empty:
    call.work.store.delete(need(call, Label))
    return Empty.OK


# -- canned responses

CANNED_COLUMNS = ("short_code", "content")


def _canned(response: CannedResponse) -> Json:
    return {
        "id": response.id,
        "account_id": ACCOUNT_ID,
        "short_code": response.short_code,
        "content": response.content,
        "created_at": iso(response.created_at),
        "updated_at": iso(response.updated_at),
    }


def _check_canned(call: Call, response: CannedResponse) -> None:
    complaints = [
        (name, "can't be blank") for name in ("content", "short_code") if not getattr(response, name)
    ]
    if len(response.content or "") > 20_000:
        complaints.append(("content", "is too long (maximum is 20000 characters)"))
    others = [other for other in call.work.store.all(CannedResponse) if other.id != response.id]
    if response.short_code and any(other.short_code == response.short_code for other in others):
        complaints.append(("short_code", "has already been taken"))
    if complaints:
        raise Invalid(*complaints)


def canned_responses(call: Call) -> list[Json]:
    wanted = str(call.query.get("search") or "").lower()
    found = call.work.store.all(CannedResponse)
    hits = [r for r in found if wanted in f"{r.short_code} {r.content}".lower()]
    return [_canned(response) for response in hits]


def create_canned(call: Call) -> Json:
    response = CannedResponse(**call.wrapped("canned_response", CANNED_COLUMNS))
    _check_canned(call, response)
    return _canned(call.work.store.add(response, call.work.now()))


def update_canned(call: Call) -> Json:
    response = need(call, CannedResponse)
    columns = call.wrapped("canned_response", CANNED_COLUMNS)
    _check_canned(call, CannedResponse(**{**vars(response), **columns}))
    call.work.store.update(response, now=call.work.now(), **columns)
    return _canned(response)


def delete_canned(call: Call) -> Empty:
    call.work.store.delete(need(call, CannedResponse))
    return Empty.OK


_DEFINITIONS = "/custom_attribute_definitions"
ENDPOINTS = [
    Endpoint("GET", _DEFINITIONS, definitions),
    Endpoint("POST", _DEFINITIONS, create_definition, Access.ADMIN),
    Endpoint("GET", _DEFINITIONS + "/{id}", show_definition),
    Endpoint("PATCH", _DEFINITIONS + "/{id}", update_definition, Access.ADMIN),
    Endpoint("DELETE", _DEFINITIONS + "/{id}", delete_definition, Access.ADMIN),
    Endpoint("GET", "/labels", labels),
    Endpoint("POST", "/labels", create_label, Access.ADMIN),
    Endpoint("GET", "/labels/{id}", show_label),
    Endpoint("PATCH", "/labels/{id}", update_label, Access.ADMIN),
    Endpoint("DELETE", "/labels/{id}", delete_label, Access.ADMIN),
    Endpoint("GET", "/canned_responses", canned_responses),
    Endpoint("POST", "/canned_responses", create_canned),
    Endpoint("PUT", "/canned_responses/{id}", update_canned),
    Endpoint("PATCH", "/canned_responses/{id}", update_canned),
    Endpoint("DELETE", "/canned_responses/{id}", delete_canned),
]
