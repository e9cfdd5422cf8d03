"""One new idea against 500 profiles, one changed profile against 5,000 ideas: under a second."""

import random
import time

import pytest

from matcher.engine import Document, Generation

LETTERS = "абвгдежзиклмнопрстуфхцчшщюя"


@pytest.fixture(scope="module")
def large(lexicon):
    chance = random.Random(5)
    words = ["".join(chance.choices(LETTERS, k=chance.randint(4, 10))) for _ in range(3000)]
    words += ["водогін", "школа", "лікарня", "молодь", "відходи", "ремонт", "water", "school"] * 40

    def documents(count, prefix):
        return [
            Document(f"{prefix}{number:05}", "", " ".join(chance.choices(words, k=40)))
            for number in range(count)
        ]

    return Generation.fit(documents(5000, "i"), documents(500, "p"), lexicon=lexicon)


def seconds(act):
    start = time.process_time()
    act()
    return time.process_time() - start


def test_one_document_is_scored_at_once(large):
    text = "Ремонт водогону біля школи та лікарні, новий колодязь і насос " * 5

    def publish_idea():
        large.add_idea(Document("new", "Водогін", text))
        assert len(large.rank_profiles("new")) == 500

    def change_profile():
        large.add_profile(Document("p00001", "Water", "water school hospital " * 20))
        assert len(large.rank_ideas("p00001")) == 5001

    for name, act in (("new idea", publish_idea), ("changed profile", change_profile)):
        taken_s = seconds(act)
        print(f"\n{name}: {1000 * taken_s:.0f} ms of processor time")
        assert taken_s < 1.0
