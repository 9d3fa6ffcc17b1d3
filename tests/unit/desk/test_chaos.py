"""Chance to order: repeatable, scoped, and validated."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from nextnest.desk.chaos import Chaos, Dice, Fate


def test_nothing_goes_wrong_unless_asked_for() -> None:
    dice = Dice(Chaos())

    assert [dice.request("/api") for _ in range(50)] == [Fate()] * 50
    assert [dice.delivery() for _ in range(50)] == [[]] * 50


def test_the_same_seed_throws_the_same_and_another_seed_does_not() -> None:
    def throws(seed: int) -> list[object]:
        dice = Dice(Chaos(seed=seed, lose=0.5, fail_after=0.5))
        return [(dice.request("/api"), dice.delivery()) for _ in range(40)]

    assert throws(7) == throws(7)
    assert throws(7) != throws(8)


def test_one_setting_does_not_move_the_throws_of_another() -> None:
    alone = Dice(Chaos(seed=3, fail_after=0.3))
    together = Dice(Chaos(seed=3, fail_after=0.3, too_many=0.9))

    after = [(alone.request("/x").fail_after, together.request("/x").fail_after) for _ in range(60)]

    assert all(one == other for one, other in after)


def test_deliveries_and_requests_do_not_move_each_other() -> None:
    quiet = Dice(Chaos(seed=1, lose=0.5))
    busy = Dice(Chaos(seed=1, lose=0.5))
    for _ in range(5):
        busy.request("/x")

    assert [quiet.delivery() for _ in range(30)] == [busy.delivery() for _ in range(30)]


def test_only_paths_under_the_prefix_are_hit() -> None:
    dice = Dice(Chaos(fail_before=1.0, down=True, path_prefix="/api/v1/accounts/1/conversations"))

    assert dice.request("/api/v1/accounts/1/contacts") == Fate()
    assert dice.request("/api/v1/accounts/1/conversations/1").down


@pytest.mark.parametrize(
    "wrong",
    [
        '{"lose": 1.1}',  # more than always
        '{"lose": -0.1}',  # less than never
        '{"looose": 0.5}',  # a slip of the pen must not pass for calm
        '{"hang_seconds": -1}',
    ],
)
def test_wrong_settings_are_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Chaos.read(wrong)


def test_reads_json_and_files_of_json(tmp_path: Path) -> None:
    file = tmp_path / "chaos.json"
    file.write_text('{"duplicate": 0.25}', encoding="utf-8")

    assert Chaos.read(str(file)) == Chaos.read('{"duplicate": 0.25}') == Chaos(duplicate=0.25)
