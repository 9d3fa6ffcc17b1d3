"""Every call at which a process may be killed, by role: before it and after it. `--list` prints them all.

The names are those of the functions that make the calls (bench/chaos/points.py); tests/e2e/test_bench.py sees
that these functions are there.
"""

from __future__ import annotations

_WEB = {
    "sql": """
        bootstrap.assembly.bind queue._defer store.chats.keep store.chats.listen store.events._write
        service.intake.submit store.leads.add store.leads.by_key store.leads.event store.leads.get
        store.leads.remember_key store.leads.same_case store.news._tell store.outbox.intend
    """,
    "commit": "service.intake.conversation_of service.intake.submit store.chats.keep",
}
_WORKER = {
    "sql": """
        bootstrap.assembly.bind
        queue._defer queue.fetch_job queue.finish_job_by_id_async queue._take_over
        queue.prune_stalled_workers queue.register_worker queue.update_heartbeat
        store.conversations.adopt store.conversations.get store.conversations.hold
        store.conversations.opened store.conversations.rest store.conversations.wake
        store.drafts.latest store.handoffs.schedule store.handoffs.settled
        store.handoffs.accepted store.handoffs.opened store.handoffs.request store.handoffs.returned
        store.leads.event store.leads.get store.leads.said_meanwhile store.leads.sync_failed
        store.leads.synced store.leads.update
        store.outbox.attempt store.outbox.cancel_turn store.outbox.failed store.outbox.failed_of_turn
        store.outbox.intend store.outbox.said_of_turn
        store.outbox.later store.outbox.next store.outbox.open_of_turn store.outbox.sent
        store.outbox.settled
        store.rates.current store.spending.record store.spending.spent_conversation
        store.sweeping._promote_due store.sweeping.requeue_due store.sweeping.wake_unanswered
        store.turns.answer store.turns.current store.turns.end store.turns.get store.turns.start
    """,
    "commit": """
        service.lane.attend service.lane.carry service.outbox._carry_out service.outbox._later
        service.outbox._overtaken service.outbox._settle service.outbox._still_wanted
        service.outbox._undisturbed service.outbox._unsure service.outbox.flush service.sync._again
        service.sync.sync service.turn._answer service.turn.take
        store.sweeping.requeue_due store.sweeping.wake_unanswered
    """,
    "http": """
        chatwoot.gateway._read_of/conversations.get chatwoot.gateway._history/messages.latest
        chatwoot.gateway.latest/messages.latest chatwoot.gateway.look/messages.since
        chatwoot.gateway._active/conversations.list chatwoot.gateway.active/conversations.list
        chatwoot.gateway._read_sits/inboxes.agent_bot chatwoot.gateway._team_id/collection.all
        chatwoot.gateway.typing/conversations.set_typing
        chatwoot.gateway.ensure_contact/contacts.find_by_source chatwoot.gateway.ensure_contact/contacts.find
        chatwoot.gateway.ensure_contact/contacts.create
        chatwoot.gateway.ensure_conversation/conversations.list
        chatwoot.gateway.ensure_conversation/conversations.create
        chatwoot.gateway.say/messages.create chatwoot.gateway.note/messages.create
        chatwoot.gateway.relay/messages.create
        chatwoot.gateway.add_labels/conversations.labels chatwoot.gateway.add_labels/conversations.set_labels
        chatwoot.gateway.set_attributes/conversations.get
        chatwoot.gateway.set_attributes/conversations.set_custom_attributes
        chatwoot.gateway.set_priority/conversations.set_priority
        chatwoot.gateway.set_status/conversations.set_status
        chatwoot.gateway.assign_team/conversations._assign
        model
    """,
}


def _points(calls: dict[str, str]) -> tuple[str, ...]:
    return tuple(
        f"{side} {kind} {name}"
        for kind, names in calls.items()
        for name in names.split()
        for side in ("before", "after")
    )


POINTS = {"web": _points(_WEB), "worker": _points(_WORKER)}
