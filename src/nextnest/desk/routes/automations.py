"""Automation rules and macros (`automation_rules_controller.rb`, `macros_controller.rb`)."""

from __future__ import annotations

from nextnest.desk import actions, automation, views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Crash, NotFound, Unprocessable
from nextnest.desk.models import AttributeDefinition, AutomationRule, Conversation, Json, Macro, User
from nextnest.desk.routes.integrations import need

COLUMNS = ("name", "description", "event_name", "active", "conditions", "actions")


def _columns(call: Call) -> Json:
    columns = {name: call.params[name] for name in COLUMNS if name in call.params}
    defined = {definition.attribute_key for definition in call.work.store.all(AttributeDefinition)}
    keys = [c.get("attribute_key") for c in columns.get("conditions") or []]
    wrong = [str(key) for key in keys if key not in automation.CONDITIONS and key not in defined]
    if wrong:
        raise Unprocessable({"conditions": [f"Automation conditions {','.join(wrong)} not supported."]})
    names = [action.get("action_name") for action in columns.get("actions") or []]
    wrong = [str(n) for n in names if n not in actions.ACTIONS and n not in actions.STORED_ONLY]
    if wrong:
        raise Unprocessable({"actions": [f"Automation actions {','.join(wrong)} not supported."]})
    return columns


def rules(call: Call) -> Json:
    return {"payload": [views.rule(rule) for rule in call.work.store.all(AutomationRule)]}


def show(call: Call) -> Json:
    return {"payload": views.rule(need(call, AutomationRule))}


def create(call: Call) -> Json:
    """The one answer here that has no `payload` around it."""
    columns = {"name": "", "event_name": "", **_columns(call)}
    if columns["event_name"] not in automation.EVENTS:
        raise Crash
    return views.rule(call.work.store.add(AutomationRule(**columns), call.work.now()))


def update(call: Call) -> Json:
    rule = need(call, AutomationRule)
    call.work.store.update(rule, now=call.work.now(), **_columns(call))
    return {"payload": views.rule(rule)}


def clone(call: Call) -> Json:
    rule = need(call, AutomationRule)
    columns = {name: getattr(rule, name) for name in COLUMNS}
    return {"payload": views.rule(call.work.store.add(AutomationRule(**columns), call.work.now()))}


def delete(call: Call) -> Empty:
    call.work.store.delete(need(call, AutomationRule))
    return Empty.OK


# -- macros


def _macro(call: Call, macro: Macro) -> Json:
    site = call.work.site
    return {
        "id": macro.id,
        "name": macro.name,
        "visibility": macro.visibility,
        "created_by": views.agent(site, site.need(User, macro.created_by_id)),
        "updated_by": views.agent(site, site.need(User, macro.updated_by_id)),
        "account_id": 1,
        "actions": macro.actions,
    }


def macros(call: Call) -> Json:
    return {"payload": [_macro(call, macro) for macro in call.work.store.all(Macro)]}


def show_macro(call: Call) -> Json:
    return {"payload": _macro(call, need(call, Macro))}


def create_macro(call: Call) -> Json:
    params = call.params
    name, visibility = str(params.get("name") or ""), str(params.get("visibility") or "personal")
    macro = Macro(name, visibility, params.get("actions") or [], call.user.id, call.user.id)
    return {"payload": _macro(call, call.work.store.add(macro, call.work.now()))}


def delete_macro(call: Call) -> Empty:
    call.work.store.delete(need(call, Macro))
    return Empty.OK


def execute_macro(call: Call) -> Empty:
    """What a macro says, its user says: it looks like any other message of theirs."""
    macro = need(call, Macro)
    for number in call.params.get("conversation_ids") or []:
        conversation = call.work.store.get(Conversation, as_id(number))
        if conversation is None:
            raise NotFound
        actions.perform(call.work, conversation, macro.actions, "macro.executed")
    return Empty.OK


ENDPOINTS = [
    Endpoint("GET", "/automation_rules", rules, Access.ADMIN),
    Endpoint("POST", "/automation_rules", create, Access.ADMIN),
    Endpoint("GET", "/automation_rules/{id}", show, Access.ADMIN),
    Endpoint("PATCH", "/automation_rules/{id}", update, Access.ADMIN),
    Endpoint("POST", "/automation_rules/{id}/clone", clone, Access.ADMIN),
    Endpoint("DELETE", "/automation_rules/{id}", delete, Access.ADMIN),
    Endpoint("GET", "/macros", macros),
    Endpoint("POST", "/macros", create_macro),
    Endpoint("GET", "/macros/{id}", show_macro),
    Endpoint("DELETE", "/macros/{id}", delete_macro),
    Endpoint("POST", "/macros/{id}/execute", execute_macro),
]
