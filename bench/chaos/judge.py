"""The verdict: what every customer said, compared with what the desk and the turns hold.

lost        a customer's message without an end: no reply that stands in the thread, no hand-off that people
            can see, no silence that a person's act explains.
doubled     one mark twice in a thread, two greetings, two answers to one message, two threads for one lead,
            or a customer's words twice.
over_human  a public message of the bot that came after a person had taken the conversation, although the last
            look before it began after that act, or the act was more than WINDOW_SECONDS earlier.
in_window   the same, but the act fell between the last look and the message: the window that remains.
stuck       work that is open, or customers who wait with nobody to answer, when all has had time to settle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bench.chaos.account import Account, Message, Row
from bench.chaos.diary import Diary
from bench.chaos.people import Record, Said, Takeover

WINDOW_SECONDS = 2.0
OUTCOMES_WITH_WORDS = ("replied", "handed_off")


@dataclass
class Verdict:
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    over_human: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    in_window: list[float] = field(default_factory=list)  # ms by which a person was overtaken
    windows: list[float] = field(default_factory=list)  # ms from the last look to the message's time
    ends: Counter[str] = field(default_factory=Counter)
    answer_seconds: list[float] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.over_human or self.stuck)


def judge(record: Record, account: Account, diary: Diary) -> Verdict:
    verdict = Verdict()
    takeovers: dict[int, list[Takeover]] = defaultdict(list)
    for takeover in record.takeovers:
        takeovers[takeover.conversation_id].append(takeover)
    heard: dict[str, list[Message]] = defaultdict(list)
    for message in account.all_messages():
        if message.kind == "incoming":
            heard[message.text].append(message)
    for said in record.said:
        _account_for(verdict, said, heard[said.text], account, takeovers)
    _find_doubles(verdict, account)
    for conversation_id, acts in takeovers.items():
        for act in acts:
            _find_talked_over(verdict, act, account.messages.get(conversation_id, []), diary)
    _measure_windows(verdict, account, diary)
    _find_stuck(verdict, account, takeovers)
    verdict.lost += [f"{who} gave up waiting for an answer of ours" for who in record.gave_up]
    return verdict


def _account_for(
    verdict: Verdict,
    said: Said,
    heard: list[Message],
    account: Account,
    takeovers: dict[int, list[Takeover]],
) -> None:
    if not heard:
        verdict.lost.append(f"{said.text!r} of {said.lead_id} never reached the desk")
        return
    if len(heard) > 1:
        verdict.doubled.append(f"{said.text!r} stands in the desk {len(heard)} times")
    message = heard[0]
    where = message.conversation_id
    turns = [t for t in account.turns.get(where, []) if message.id in t["input_ids"]]
    words = [t for t in turns if t["outcome"] in OUTCOMES_WITH_WORDS]
    for turn in words:
        spoken = [m for m in account.messages[where] if m.turn == turn["id"] and m.public_of_bot]
        if spoken:
            verdict.ends[turn["outcome"]] += 1
            verdict.answer_seconds.append(spoken[0].at - said.at)
            return
    reasons = [f"{t['outcome']}({t['reason']})" for t in turns] or ["no turn"]
    failed = any(t["outcome"] == "failed" for t in turns)
    if failed or words or not _with_people(said, where, account, takeovers):
        why = ", ".join(reasons)
        verdict.lost.append(f"message {message.id} of conversation {where}: {why}; {said.text!r}")
    else:
        verdict.ends["with people"] += 1


def _with_people(said: Said, where: int, account: Account, takeovers: dict[int, list[Takeover]]) -> bool:
    """People have it: somebody took it and did not give it back before this was said, or it shows as open."""
    taken = [t for t in takeovers[where] if t.given_back_at is None or t.given_back_at > said.at]
    handed = any(t["outcome"] == "handed_off" for t in account.turns.get(where, []))
    return bool(taken) or ((handed or bool(takeovers[where])) and account.status[where] == "open")


def _find_doubles(verdict: Verdict, account: Account) -> None:
    for where, thread in account.messages.items():
        marks = Counter((m.turn, m.part) for m in thread if m.part is not None)
        verdict.doubled += [f"conversation {where}: {mark} {n} times" for mark, n in marks.items() if n > 1]
        greetings = [m for m in thread if (m.part or "").startswith("greeting:")]
        if len(greetings) > 1:
            verdict.doubled.append(f"conversation {where}: {len(greetings)} greetings")
        verdict.doubled += _answered_twice(where, thread, account.turns.get(where, []))
    for lead, count in Counter(account.contact.values()).items():
        if count > 1:
            verdict.doubled.append(f"lead {lead} has {count} conversations")


def _answered_twice(where: int, thread: list[Message], turns: list[Row]) -> list[str]:
    spoken = {m.turn for m in thread if m.public_of_bot}
    answered: Counter[int] = Counter()
    for turn in turns:
        if turn["id"] in spoken:
            answered.update(turn["input_ids"])
    return [f"conversation {where}: message {m} answered {n} times" for m, n in answered.items() if n > 1]


def _find_talked_over(verdict: Verdict, act: Takeover, thread: list[Message], diary: Diary) -> None:
    done = act.done_at
    if act.text is not None:
        done = min((m.at for m in thread if m.text == act.text), default=done)
    if done is None:
        verdict.stuck.append(f"a person could not {act.kind} conversation {act.conversation_id}")
        return
    for message in thread:
        if not message.public_of_bot or message.at <= done:
            continue
        if act.given_back_at is not None and message.at >= act.given_back_at:
            continue
        looked = diary.last_look(message.part or "", message.at)
        where, late = act.conversation_id, message.at - done
        what = f"conversation {where}: {message.part} {late:.3f} s after {act.kind}"
        if looked is None or looked >= done or late > WINDOW_SECONDS:
            seen = "no look" if looked is None else f"looked {message.at - looked:.3f} s before"
            verdict.over_human.append(f"{what}, {seen}")
        else:
            verdict.in_window.append((message.at - done) * 1000)


def _measure_windows(verdict: Verdict, account: Account, diary: Diary) -> None:
    for message in account.all_messages():
        if message.public_of_bot and (looked := diary.last_look(message.part or "", message.at)):
            verdict.windows.append((message.at - looked) * 1000)


def _find_stuck(verdict: Verdict, account: Account, takeovers: dict[int, list[Takeover]]) -> None:
    verdict.stuck += [f"conversation {row['conversation_id']}: {row['what']}" for row in account.open_work]
    for where, thread in account.messages.items():
        spoken = [m for m in thread if m.kind in ("incoming", "outgoing") and not m.private]
        handed = any(t["outcome"] == "handed_off" for t in account.turns.get(where, []))
        waits = bool(spoken) and spoken[-1].kind == "incoming"
        status = account.status[where]
        given_back = any(t.given_back_at is not None for t in takeovers[where])
        if waits and status == "pending" and not given_back:
            why = "pending, and the customer has the last word"
        elif waits and status == "open" and not (handed or takeovers[where]):
            why = "open although nobody took it, and the customer waits"
        elif status == "pending" and handed and not given_back:
            why = "handed over but not open"
        else:
            continue
        verdict.stuck.append(f"conversation {where}: {why}")
