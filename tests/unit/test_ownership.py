"""Who holds a conversation, look by look; expected values from Chatwoot's contract, sections 2 to 6, 12."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextnest.domain.ownership import Holding, Observed, Owner, observe, still_held
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread

MEI, WEI = 2, 3  # two people of the brokerage
BOT_FAILED = "Conversation was marked open by system due to an error with the agent bot."


def line(number: int, author: Author, text: str = "words", *, private: bool = False) -> Message:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Message(id=number, author=author, text=text, created_at=at, private=private)


def look(status: str, assignee: str = "nobody", *messages: Message, person: int = MEI) -> Thread:
    kind = Assignee(assignee)
    ids = {Assignee.PERSON: person, Assignee.BOT: 1, Assignee.NOBODY: None}
    return Thread(
        conversation_id=1, status=Status(status), assignee=kind, assignee_id=ids[kind], messages=messages
    )


BOT = Holding()
STEPPED_IN = Holding(owner=Owner.PERSON)  # a person spoke while it was pending; our `open` is under way
PERSON = Holding(owner=Owner.PERSON, status=Status.OPEN)
SNOOZED = Holding(owner=Owner.PERSON, status=Status.SNOOZED)
CLOSED = Holding(owner=Owner.NOBODY, status=Status.RESOLVED)
EARLIER = {"bot": BOT, "stepped_in": STEPPED_IN, "person": PERSON, "snoozed": SNOOZED, "closed": CLOSED}

# Every earlier holding (down) with every status and assignee seen now (across); nobody has spoken meanwhile.
# b: the bot's. B: given back to the bot. p: people's. n: nobody's, it is closed.
# >open, >pending: the status that we must write so that Chatwoot agrees.
COLUMNS = [
    ("pending", "nobody"), ("pending", "bot"), ("pending", "person"),
    ("open", "nobody"), ("open", "bot"), ("open", "person"),
    ("snoozed", "nobody"), ("snoozed", "bot"), ("snoozed", "person"),
    ("resolved", "nobody"), ("resolved", "bot"), ("resolved", "person"),
]  # fmt: skip
TABLE = {
    #             pending                      open                          snoozed      resolved
    #             nobody   bot      person     nobody  bot          person
    "bot":        "b        b        p>open     p       p            p         p  p  p      n  n  n",
    # Until our `open` has arrived, `pending` is the old one and no hand-back.
    "stepped_in": "p>open   p>open   p>open     p       B>pending    p         p  p  p      n  n  n",
    "person":     "B        B        B          p       B>pending    p         p  p  p      n  n  n",
    "snoozed":    "B        B        B          p       B>pending    p         p  p  p      n  n  n",
    # The customer returned, unless a person was assigned since it was closed; or a person reopened it.
    "closed":     "b        b        p>open     p       p            p         p  p  p      n  n  n",
}  # fmt: skip
OWNERS = {"b": Owner.BOT, "B": Owner.BOT, "p": Owner.PERSON, "n": Owner.NOBODY}


def expected(cell: str) -> tuple[Owner, Status | None, bool]:
    owner, _, project = cell.partition(">")
    return OWNERS[owner], Status(project) if project else None, owner == "B"


@pytest.mark.parametrize(
    ("earlier", "status", "assignee", "cell"),
    [
        (earlier, status, assignee, cell)
        for earlier, row in TABLE.items()
        for (status, assignee), cell in zip(COLUMNS, row.split(), strict=True)
    ],
)
def test_every_look_after_every_holding(earlier: str, status: str, assignee: str, cell: str) -> None:
    seen = observe(EARLIER[earlier], look(status, assignee))
    assert (seen.holding.owner, seen.project, seen.handed_back) == expected(cell)


def test_the_table_covers_every_status_and_assignee() -> None:
    assert set(COLUMNS) == set(product((str(s) for s in Status), (str(a) for a in Assignee)))


def follow(*looks: Thread, start: Holding = BOT) -> list[Observed]:
    """Look after look; what we project is written and read back when the next look says so."""
    seen = []
    for thread in looks:
        seen.append(observe(start, thread))
        start = seen[-1].holding
    return seen


def owners(seen: list[Observed]) -> list[str]:
    return [str(each.holding.owner) for each in seen]


def test_a_person_who_answers_while_it_is_pending_has_it_at_once() -> None:
    """Section 6: the reply changes no status, so we open it ourselves."""
    (seen,) = follow(look("pending", "nobody", line(1, Author.CUSTOMER), line(2, Author.PERSON)))
    assert (seen.holding.owner, seen.project, seen.person_stepped_in) == (Owner.PERSON, Status.OPEN, True)


@pytest.mark.parametrize(
    "message",
    [
        line(2, Author.PERSON, private=True),  # a note is for colleagues
        line(2, Author.AUTOMATION),  # greeting, rule, CSAT, another bot
        line(2, Author.SYSTEM, "Assigned to Mei by Wei"),
        line(2, Author.BOT),
        line(2, Author.CUSTOMER, BOT_FAILED),  # words of a customer decide nothing (pain 10)
    ],
)
def test_what_is_no_answer_of_a_person_takes_nothing(message: Message) -> None:
    (seen,) = follow(look("pending", "nobody", line(1, Author.CUSTOMER), message))
    assert (seen.holding.owner, seen.project) == (Owner.BOT, None)


@pytest.mark.parametrize(
    "looks",
    [
        # up to 4.16: assigning changes no status; we open it
        [look("pending", "person")],
        # from 4.17: Chatwoot opens it itself (#14870)
        [look("open", "person")],
        # a look in between, or none, ends the same
        [look("pending", "person"), look("open", "person")],
    ],
)
def test_assigning_a_person_gives_it_to_people_in_every_version(looks: list[Thread]) -> None:
    assert owners(follow(*looks))[-1] == "person"
    assert follow(*looks)[0].project == (Status.OPEN if looks[0].status is Status.PENDING else None)


@pytest.mark.parametrize(
    ("looks", "projected"),
    [
        ([look("pending", "nobody")], None),  # by status, every version
        ([look("pending", "person")], None),  # by status; the person stays assigned
        ([look("open", "bot")], Status.PENDING),  # by assigning the bot, up to 4.16: we write the status
        ([look("pending", "bot")], None),  # by assigning the bot, from 4.17: Chatwoot writes it
    ],
)
def test_giving_it_back_works_both_ways_in_every_version(
    looks: list[Thread], projected: Status | None
) -> None:
    (seen,) = follow(*looks, start=PERSON)
    assert (seen.holding.owner, seen.handed_back, seen.project) == (Owner.BOT, True, projected)


def test_what_was_said_and_assigned_before_the_hand_back_is_no_reason_to_yield_again() -> None:
    said = [line(1, Author.CUSTOMER), line(2, Author.PERSON)]
    back = look("pending", "person", *said)
    later = look("pending", "person", *said, line(3, Author.CUSTOMER), line(4, Author.BOT))
    assert owners(follow(back, later, later, start=PERSON)) == ["bot", "bot", "bot"]
    # unassigned and assigned anew is, and so is another person, or another word
    let_go = look("pending", "nobody", *said)
    assert owners(follow(back, let_go, look("pending", "person", *said), start=PERSON))[-1] == "person"
    assert owners(follow(back, look("pending", "person", *said, person=WEI), start=PERSON))[-1] == "person"
    spoke = look("pending", "person", *said, line(3, Author.PERSON))
    assert owners(follow(back, spoke, start=PERSON))[-1] == "person"


def test_a_look_that_read_only_the_newest_messages_forgets_nothing() -> None:
    """The outbox reads only what came after an intent; what a person said before it must not count as new."""
    before = PERSON.model_copy(update={"released_at": 40})
    (seen,) = follow(look("pending", "nobody", line(50, Author.CUSTOMER)), start=before)
    assert seen.holding.released_at == 40


def test_the_customer_returns_after_resolve_and_the_old_assignee_means_nothing() -> None:
    """Section 6: incoming on resolved makes it pending; the person of then stays set."""
    looks = [look("resolved", "person"), look("pending", "person"), look("pending", "person")]
    seen = follow(*looks, start=PERSON)
    assert owners(seen) == ["nobody", "bot", "bot"]
    assert not any(each.handed_back or each.project for each in seen)


def test_who_is_assigned_after_it_was_closed_has_it_when_the_customer_returns() -> None:
    seen = follow(look("resolved", "nobody"), look("pending", "person"), look("open", "person"))
    assert owners(seen) == ["nobody", "person", "person"]
    assert (seen[1].project, seen[1].person_stepped_in) == (Status.OPEN, True)


def test_what_a_person_said_until_it_was_closed_says_nothing_when_the_customer_returns() -> None:
    said = line(2, Author.PERSON)
    returned = look("pending", "nobody", said, line(4, Author.CUSTOMER))
    assert owners(follow(look("resolved", "nobody", said), returned)) == ["nobody", "bot"]
    # who spoke since is in conversation with them
    spoke = look("pending", "nobody", said, line(4, Author.CUSTOMER), line(5, Author.PERSON))
    assert owners(follow(look("resolved", "nobody", said), spoke)) == ["nobody", "person"]


CLOSED_LINE = line(3, Author.SYSTEM, "Conversation was marked resolved by Mei")
GIVEN_BACK_LINE = line(3, Author.SYSTEM, "Conversation was marked as pending by Mei")


@pytest.mark.parametrize(
    ("messages", "owner"),
    [
        # the usual hand-back: what was said was said while it was open
        ([line(2, Author.PERSON)], Owner.BOT),
        ([line(2, Author.PERSON), CLOSED_LINE, line(4, Author.CUSTOMER)], Owner.BOT),
        # closed, returned and answered by a person, all unseen
        ([CLOSED_LINE, line(4, Author.CUSTOMER), line(5, Author.PERSON)], Owner.PERSON),
        # and given back after that
        (
            [
                CLOSED_LINE,
                line(5, Author.PERSON),
                line(6, Author.SYSTEM, "Conversation was marked as pending by M"),
            ],
            Owner.BOT,
        ),
        # given back, and what was said was said before
        ([line(2, Author.PERSON), GIVEN_BACK_LINE, line(4, Author.CUSTOMER)], Owner.BOT),
        # given back, and then the person went on after all, all unseen
        ([GIVEN_BACK_LINE, line(4, Author.PERSON), line(5, Author.CUSTOMER)], Owner.PERSON),
        # a label of that name closes nothing
        ([line(3, Author.SYSTEM, "Mei added resolved"), line(5, Author.PERSON)], Owner.BOT),
    ],
)
def test_pending_after_people_had_it_by_what_was_said(messages: list[Message], owner: Owner) -> None:
    (seen,) = follow(look("pending", "nobody", *messages), start=PERSON)
    assert (seen.holding.owner, seen.handed_back) == (owner, owner is Owner.BOT)
    assert seen.project is (Status.OPEN if owner is Owner.PERSON else None)


def test_pending_after_people_had_it_by_who_is_assigned() -> None:
    held = look("open", "nobody")
    # closed, returned and assigned, all unseen: theirs
    assert owners(follow(held, look("pending", "person", CLOSED_LINE)))[-1] == "person"
    # assigned before: the old assignee stays set
    assert owners(follow(look("open", "person"), look("pending", "person", CLOSED_LINE)))[-1] == "bot"
    # given back: who gave it back may have assigned themselves first
    assert owners(follow(held, look("pending", "person")))[-1] == "bot"
    before, after = (line(number, Author.SYSTEM, "Assigned to Mei by Mei") for number in (2, 4))
    assert owners(follow(held, look("pending", "person", before, GIVEN_BACK_LINE)))[-1] == "bot"
    # given back, and then taken after all
    assert owners(follow(held, look("pending", "person", GIVEN_BACK_LINE, after)))[-1] == "person"
    # or given to a team, which is nobody
    assert owners(follow(held, look("pending", "nobody", GIVEN_BACK_LINE, after)))[-1] == "bot"


def test_a_resolve_that_nobody_saw_ends_the_same() -> None:
    (seen,) = follow(look("pending", "person"), start=PERSON)
    assert seen.holding.owner is Owner.BOT


def test_without_a_bot_on_the_inbox_everything_is_peoples() -> None:
    """New ones are open, and so are those that return after resolve (section 2.2 and 6)."""
    seen = follow(look("open"), look("resolved"), look("open"))
    assert owners(seen) == ["person", "nobody", "person"]
    assert not any(each.project for each in seen)


def test_a_bot_put_back_on_the_inbox_gets_what_returns() -> None:
    assert owners(follow(look("open"), look("resolved"), look("pending")))[-1] == "bot"


def test_snoozed_is_peoples_and_a_customer_who_writes_wakes_them_not_the_bot() -> None:
    assert owners(follow(look("snoozed"), look("open"))) == ["person", "person"]


def test_a_bot_that_was_assigned_all_along_gives_nothing_back() -> None:
    """From 4.16.2 the bot owns new conversations; snoozing or an automation's `open` leaves it assigned."""
    snoozed = [look("pending", "bot"), look("snoozed", "bot"), look("open", "bot"), look("open", "bot")]
    assert owners(follow(*snoozed)) == ["bot", "person", "person", "person"]
    opened = [look("pending", "bot"), look("open", "bot"), look("open", "bot")]
    assert owners(follow(*opened)) == ["bot", "person", "person"]
    # up to 4.16.1 our own hand-off leaves it assigned after it was once given back by assigning it
    again = [look("open", "bot"), look("pending", "bot")]
    handed_off = follow(*again, start=PERSON)[-1].holding.model_copy(
        update={"owner": Owner.PERSON, "status": Status.OPEN}
    )
    assert owners(follow(look("open", "bot"), start=handed_off)) == ["person"]
    # let go and assigned anew it is a hand-back
    assert owners(follow(*opened, look("open"), look("open", "bot")))[-1] == "bot"


FAILED = line(9, Author.SYSTEM, BOT_FAILED)


@pytest.mark.parametrize(
    ("thread", "owner", "project"),
    [
        # Chatwoot could not reach us and opened it (section 5): nobody took it, we do
        (look("open", "nobody", line(8, Author.CUSTOMER), FAILED), Owner.BOT, Status.PENDING),
        (look("open", "bot", line(8, Author.CUSTOMER), FAILED), Owner.BOT, Status.PENDING),
        # auto-assignment gave it to a person meanwhile: theirs
        (look("open", "person", FAILED), Owner.PERSON, None),
        # a person answered since
        (look("open", "nobody", FAILED, line(10, Author.PERSON)), Owner.PERSON, None),
        # a person had answered before, which we had not seen: pending would only be opened again
        (look("open", "nobody", line(8, Author.PERSON), FAILED), Owner.PERSON, None),
        # somebody set it to pending and opened it by hand since
        (
            look("open", "nobody", FAILED, line(11, Author.SYSTEM, "Conversation was reopened by Mei")),
            Owner.PERSON,
            None,
        ),
        # other activities say nothing about the status
        (
            look("open", "nobody", FAILED, line(11, Author.SYSTEM, "Mei added urgent")),
            Owner.BOT,
            Status.PENDING,
        ),
        # the same line in a customer's or a note's words
        (look("open", "nobody", line(8, Author.CUSTOMER, BOT_FAILED)), Owner.PERSON, None),
        # it failed, and was then resolved or snoozed by a person
        (look("resolved", "nobody", FAILED), Owner.NOBODY, None),
        (look("snoozed", "nobody", FAILED), Owner.PERSON, None),
    ],
)
def test_what_chatwoot_opened_because_we_failed_is_taken_back(
    thread: Thread, owner: Owner, project: Status | None
) -> None:
    (seen,) = follow(thread)
    assert (seen.holding.owner, seen.project, seen.handed_back) == (owner, project, False)


def test_a_failure_does_not_take_from_people_what_they_had() -> None:
    assert owners(follow(look("open", "nobody", FAILED), start=PERSON)) == ["person"]


holdings = st.sampled_from(list(EARLIER.values())).flatmap(
    lambda holding: st.builds(
        lambda at, who, bot: holding.model_copy(
            update={"released_at": at, "released_assignee": who, "bot_assigned": bot}
        ),
        st.integers(0, 12),
        st.sampled_from([None, MEI, WEI]),
        st.booleans(),
    )
)
messages = st.lists(
    st.tuples(st.sampled_from(Author), st.booleans(), st.sampled_from(["words", BOT_FAILED])), max_size=6
).map(lambda drawn: tuple(line(n, a, text, private=p) for n, (a, p, text) in enumerate(drawn, start=5)))
threads = st.builds(
    lambda status, assignee, said, who: look(status, assignee, *said, person=who),
    st.sampled_from([str(s) for s in Status]),
    st.sampled_from([str(a) for a in Assignee]),
    messages,
    st.sampled_from([MEI, WEI]),
)


@given(holdings, threads)
def test_a_look_always_settles(before: Holding, thread: Thread) -> None:
    """Once what we project is written, the same look asks for nothing more: no two statuses ever fight."""
    seen = observe(before, thread)
    written = thread.model_copy(update={"status": seen.project or thread.status})
    holding = seen.holding
    if seen.project is Status.OPEN:  # the outbox records that it opened it
        holding = holding.model_copy(update={"owner": Owner.PERSON, "status": Status.OPEN})
    again = observe(holding, written)
    assert (again.project, again.holding.owner) == (None, seen.holding.owner)
    assert not again.handed_back
    assert not again.person_stepped_in


@given(holdings, threads)
def test_a_look_is_never_contradictory(before: Holding, thread: Thread) -> None:
    seen = observe(before, thread)
    # closed is closed; the bot answers only what is pending or about to be
    assert (seen.holding.owner is Owner.NOBODY) == (thread.status is Status.RESOLVED)
    if seen.holding.owner is Owner.BOT:
        assert Status.PENDING in (thread.status, seen.project)
    # we write only to make Chatwoot agree, never what it shows already, and only open or pending
    assert seen.project in (None, Status.OPEN, Status.PENDING)
    assert seen.project is not thread.status
    assert (seen.project is Status.OPEN) <= (seen.holding.owner is Owner.PERSON)
    assert (seen.project is Status.PENDING) <= (seen.holding.owner is Owner.BOT)
    # the two ways across
    assert seen.handed_back <= (before.owner is Owner.PERSON and seen.holding.owner is Owner.BOT)
    assert seen.person_stepped_in <= (before.owner is not Owner.PERSON and seen.holding.owner is Owner.PERSON)


@given(holdings, threads)
def test_people_keep_what_they_have_until_somebody_gives_it_back(before: Holding, thread: Thread) -> None:
    if before.owner is Owner.PERSON and thread.status in (Status.OPEN, Status.SNOOZED):
        seen = observe(before, thread)
        given_back = thread.assignee is Assignee.BOT and thread.status is Status.OPEN
        assert seen.holding.owner is Owner.PERSON or given_back


def test_by_a_glance_the_bot_still_holds_only_what_it_held_and_nobody_was_given() -> None:
    held = {
        (earlier, status, assignee)
        for (earlier, before), (status, assignee) in product(EARLIER.items(), COLUMNS)
        if still_held(before, look(status, assignee))
    }
    # With the bot newly assigned something has happened: the whole thread says what.
    assert held == {("bot", "pending", "nobody")}


def test_by_a_glance_a_persons_last_word_ends_the_bots_hold() -> None:
    assert not still_held(BOT, look("pending", "nobody", line(7, Author.PERSON)))
    assert still_held(BOT, look("pending", "nobody", line(7, Author.CUSTOMER)))
