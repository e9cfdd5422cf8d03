"""The tests of the rules notice planted faults."""

from tests.mutants import KILLED, MUTANTS, run_all


def test_every_planted_fault_is_noticed():
    assert len(MUTANTS) >= 20
    living = [(mutant.name, fate) for mutant, fate in run_all() if fate != KILLED]
    assert not living
