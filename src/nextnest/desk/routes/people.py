"""What belongs to people: teams and their members, and everybody's saved views."""

from __future__ import annotations

from nextnest.desk import views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Invalid, NotFound
from nextnest.desk.models import CustomFilter, Json, Team, User
from nextnest.desk.routes.integrations import need
from nextnest.desk.routes.settings import word

# -- teams

TEAM_COLUMNS = ("name", "description", "allow_auto_assign")


def _team_columns(call: Call) -> Json:
    columns = call.wrapped("team", TEAM_COLUMNS)
    if "name" in columns:
        columns["name"] = str(columns["name"] or "").lower()
    return columns


def _check_team(call: Call, team: Team) -> None:
    if not team.name:
        raise Invalid(("name", "must not be blank"))
    if any(other.name == team.name and other.id != team.id for other in call.work.store.all(Team)):
        raise Invalid(("name", "has already been taken"))


def teams(call: Call) -> list[Json]:
    return [views.team(team, call.work.actor) for team in call.work.store.all(Team)]


def show_team(call: Call) -> Json:
    return views.team(need(call, Team), call.work.actor)


def create_team(call: Call) -> Json:
    team = Team(**{"name": "", **_team_columns(call)})
    _check_team(call, team)
    return views.team(call.work.store.add(team, call.work.now()), call.work.actor)


def update_team(call: Call) -> Json:
    team = need(call, Team)
    columns = _team_columns(call)
    _check_team(call, Team(**{**vars(team), **columns}))
    call.work.store.update(team, now=call.work.now(), **columns)
    return views.team(team, call.work.actor)


def delete_team(call: Call) -> Empty:
    call.work.store.delete(need(call, Team))
    return Empty.OK


def _people(call: Call, numbers: list[int]) -> list[Json]:
    users = [user for number in numbers if (user := call.work.store.get(User, number))]
    return [views.agent(call.work.site, user) for user in users]


def _asked_people(call: Call) -> list[int]:
    numbers = [as_id(number) for number in call.params.get("user_ids") or []]
    return [number for number in numbers if number and call.work.store.get(User, number)]


def team_members(call: Call) -> list[Json]:
    return _people(call, need(call, Team).member_ids)


def add_team_members(call: Call) -> list[Json]:
    """Answers those who are new."""
    team = need(call, Team)
    new = [number for number in _asked_people(call) if number not in team.member_ids]
    call.work.store.update(team, member_ids=sorted({*team.member_ids, *new}))
    return _people(call, new)


def replace_team_members(call: Call) -> list[Json]:
    team = need(call, Team)
    call.work.store.update(team, member_ids=sorted(set(_asked_people(call))))
    return _people(call, team.member_ids)


def remove_team_members(call: Call) -> Empty:
    team = need(call, Team)
    gone = _asked_people(call)
    call.work.store.update(team, member_ids=[n for n in team.member_ids if n not in gone])
    return Empty.OK


# -- saved views

FILTER_TYPES = ("conversation", "contact", "report")
FILTER_COLUMNS = ("name", "filter_type", "query", "type")


def _need_filter(call: Call) -> CustomFilter:
    record = need(call, CustomFilter)
    if record.user_id != call.user.id:
        raise NotFound
    return record


def _filter_columns(call: Call) -> Json:
    columns = call.wrapped("custom_filter", FILTER_COLUMNS)
    kind = columns.pop("type", None)
    if "filter_type" in columns or kind is not None:
        columns["filter_type"] = word(columns.get("filter_type", kind), FILTER_TYPES)
    return columns


def custom_filters(call: Call) -> list[Json]:
    wanted = call.query.get("filter_type") or "conversation"
    mine = [f for f in call.work.store.all(CustomFilter) if f.user_id == call.user.id]
    return [views.custom_filter(f) for f in mine if f.filter_type == word(wanted, FILTER_TYPES)]


def show_filter(call: Call) -> Json:
    return views.custom_filter(_need_filter(call))


def create_filter(call: Call) -> Json:
    columns = {"name": "", "filter_type": "conversation", "query": {}, **_filter_columns(call)}
    if not columns["name"]:
        raise Invalid(("name", "can't be blank"))
    record = call.work.store.add(CustomFilter(user_id=call.user.id, **columns), call.work.now())
    return views.custom_filter(record)


def update_filter(call: Call) -> Json:
    record = _need_filter(call)
    call.work.store.update(record, now=call.work.now(), **_filter_columns(call))
    return views.custom_filter(record)


def delete_filter(call: Call) -> Empty:
    call.work.store.delete(_need_filter(call))
    return Empty.NO_CONTENT


ENDPOINTS = [
    Endpoint("GET", "/teams", teams),
    Endpoint("POST", "/teams", create_team, Access.ADMIN),
    Endpoint("GET", "/teams/{id}", show_team),
    Endpoint("PATCH", "/teams/{id}", update_team, Access.ADMIN),
    Endpoint("DELETE", "/teams/{id}", delete_team, Access.ADMIN),
    Endpoint("GET", "/teams/{id}/team_members", team_members),
    Endpoint("POST", "/teams/{id}/team_members", add_team_members, Access.ADMIN),
    Endpoint("PATCH", "/teams/{id}/team_members", replace_team_members, Access.ADMIN),
    Endpoint("DELETE", "/teams/{id}/team_members", remove_team_members, Access.ADMIN),
    Endpoint("GET", "/custom_filters", custom_filters),
    Endpoint("POST", "/custom_filters", create_filter),
    Endpoint("GET", "/custom_filters/{id}", show_filter),
    Endpoint("PATCH", "/custom_filters/{id}", update_filter),
    Endpoint("DELETE", "/custom_filters/{id}", delete_filter),
]
