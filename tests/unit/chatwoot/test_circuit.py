from __future__ import annotations

from nextnest.adapters.chatwoot.circuit import Circuit, CircuitState


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Circuit:
    circuit = Circuit(threshold=2, cool_down=10, clock=clock)
    circuit.failed()
    circuit.failed()
    return circuit


def test_a_success_between_failures_keeps_it_closed() -> None:
    circuit = Circuit(threshold=2, cool_down=10, clock=Clock())
    for _ in range(5):
        circuit.failed()
        circuit.succeeded()
    assert circuit.state is CircuitState.CLOSED
    assert circuit.admits()


def test_failures_in_a_row_open_it_for_the_cool_down() -> None:
    clock = Clock()
    circuit = opened(clock)
    assert circuit.state is CircuitState.OPEN
    clock.now = 9.9
    assert not circuit.admits()


def test_one_trial_at_a_time() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.now = 10
    assert circuit.admits()
    assert circuit.state is CircuitState.HALF_OPEN
    assert not circuit.admits()


def test_a_failed_trial_opens_it_again_at_once() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.now = 10
    circuit.admits()
    circuit.failed()
    assert circuit.state is CircuitState.OPEN
    clock.now = 19.9
    assert not circuit.admits()
    clock.now = 20
    assert circuit.admits()


def test_a_trial_that_was_cancelled_blocks_nobody_for_ever() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.now = 10
    circuit.admits()  # and then its task is cancelled: neither success nor failure
    clock.now = 20
    assert circuit.admits()


def test_a_late_answer_from_before_closes_it() -> None:
    circuit = opened(Clock())
    circuit.succeeded()
    assert circuit.state is CircuitState.CLOSED
