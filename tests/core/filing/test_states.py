"""The table of states and actions: what DOMAIN, States, says of it."""

from core.filing.states import (
    ACTIONS,
    DECIDERS,
    DECISIONS,
    EDITABLE,
    FILED,
    FORWARD,
    STATE_AFTER,
    STATES,
    UNDOABLE,
    WAITING,
)


def test_a_filing_moves_only_along_its_states() -> None:
    moves = {(state, action.to) for action in ACTIONS.values() for state in action.permissions}
    assert moves == {
        ("draft", "submitted"), ("returned", "submitted"), ("submitted", "city_review"), ("submitted", "returned"),
        ("city_review", "admitted"), ("city_review", "returned"), ("admitted", "revoked"),
    }  # fmt: skip
    assert {state for move in moves for state in move} == set(STATES)


def test_who_may_take_each_step() -> None:
    assert set(EDITABLE) == {"draft", "returned"}
    assert WAITING == {"review.district": "submitted", "review.city": "city_review"}
    assert DECIDERS == {"submitted": "review.district", "city_review": "review.city", "admitted": "review.city"}
    for state, code in FORWARD.items():
        assert ACTIONS["return"].permissions[state] == ACTIONS[code].permissions[state]


def test_each_action_has_its_fact_and_every_decision_can_be_taken_back() -> None:
    assert len(STATE_AFTER) == len(ACTIONS)
    assert all(action.word and action.event for action in ACTIONS.values())
    assert set(UNDOABLE) == {action.kind for action in DECISIONS.values()}
    assert {code for code, action in ACTIONS.items() if action.reasoned} == {"return", "revoke"}
    assert set(FILED) == {"submitted", "city_review", "admitted"}
