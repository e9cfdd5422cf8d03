"""Every path that several people can take with a pair, against the contract."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.machine import PATHS, PairMachine


@pytest.mark.usefixtures("session")
def test_no_path_leads_outside_of_the_contract():
    run_state_machine_as_test(
        PairMachine,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            database=None,
            derandomize=True,
            # Shrinking costs minutes and the path is short enough to read as it is.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_state_but_the_last_ones_has_a_path():
    assert len(PATHS) == 7
