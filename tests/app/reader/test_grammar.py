"""The automaton accepts what the regular expression accepts, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reader.courtesy_amount import amount_grammar
from app.reader.grammar import Grammar, compile_grammar, either, named, one_of, optional, repeated, sequence, word
from app.reader.micr_line import line_grammar
from app.reader.types import AMOUNT_FORMATS, AmountFormat

SYMBOLS = "0123456789$,./-*#="
PATTERNS = {
    "symbols": one_of("ab"),
    "sequence": sequence(one_of("a"), one_of("b"), one_of("ab")),
    "either": either(word("ab"), word("ba"), one_of("a")),
    "any number": repeated(one_of("ab")),
    "two to three": repeated(word("ab"), 2, 3),
    "at least two": repeated(one_of("a"), 2),
    "optional": sequence(optional(one_of("a")), one_of("b")),
    "nested": repeated(either(sequence(one_of("a"), repeated(one_of("b"), 1)), word("bb")), 0, 3),
    "named": sequence(named("x", repeated(one_of("a"))), one_of("b")),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_combinators_agree_with_the_regular_expression(name: str) -> None:
    """Every text of up to seven letters is accepted by both or by neither."""
    grammar = compile_grammar(PATTERNS[name])
    texts = [""]
    for text in texts:
        assert grammar.accepts(text) == (grammar.expression.fullmatch(text) is not None), text
        if len(text) < 7:
            texts += [text + letter for letter in "ab"]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(AMOUNT_FORMATS), st.data())
def test_amount_grammars_agree_with_their_expressions(amount_format: AmountFormat, data: st.DataObject) -> None:
    """Texts of the language, whole or with one symbol changed, and random texts."""
    grammar = amount_grammar(amount_format)
    text = data.draw(st.one_of(st.text(SYMBOLS, max_size=10), st.from_regex(grammar.expression, fullmatch=True)))
    if text and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(text) - 1))
        text = text[:place] + data.draw(st.sampled_from(SYMBOLS)) + text[place + 1 :]
    assert grammar.accepts(text) == (grammar.expression.fullmatch(text) is not None)


@pytest.mark.parametrize("grammar", [*(amount_grammar(name) for name in AMOUNT_FORMATS), line_grammar()], ids=[*AMOUNT_FORMATS, "micr"])
def test_automata_are_deterministic_and_without_dead_states(grammar: Grammar) -> None:
    """One step for a state and a symbol; from every state the end can be reached."""
    assert len({(source, symbol) for source, symbol, _ in grammar.edges}) == len(grammar.edges)
    alive = set(grammar.accepting)
    for _ in range(grammar.state_count):
        alive |= {source for source, _, target in grammar.edges if target in alive}
    assert alive == set(range(grammar.state_count))
