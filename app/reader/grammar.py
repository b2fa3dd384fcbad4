"""Grammars as finite automata over the symbols of an alphabet.

A grammar is written with four combinators (``one_of``, ``sequence``, ``either``, ``repeated``) and compiled to a
deterministic automaton (Thompson's construction, then the subset construction), so that every text has at most one
path through it: sums over paths of the lattice then count no text twice. ``Grammar.expression`` is the same language
as a regular expression, with which a text is taken apart again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular language: ``expression`` for Python's ``re``, ``build`` to add it to an automaton under way."""

    expression: str
    kind: str  # "symbols", "sequence", "either", "repeated"
    symbols: tuple[str, ...] = ()
    parts: tuple[Pattern, ...] = ()
    least: int = 1
    most: int | None = 1


def one_of(symbols: Iterable[str]) -> Pattern:
    """Exactly one of the symbols."""
    kept = tuple(symbols)
    return Pattern("[" + "".join(re.escape(s) for s in kept) + "]", "symbols", symbols=kept)


def word(symbols: str) -> Pattern:
    """The symbols one after the other."""
    return sequence(*(one_of(symbol) for symbol in symbols))


def sequence(*parts: Pattern) -> Pattern:
    """The parts one after the other."""
    return Pattern("".join(p.expression for p in parts), "sequence", parts=parts)


def either(*parts: Pattern) -> Pattern:
    """One of the parts."""
    return Pattern("(?:" + "|".join(p.expression for p in parts) + ")", "either", parts=parts)


def repeated(part: Pattern, least: int = 0, most: int | None = None) -> Pattern:
    """The part ``least`` to ``most`` times (None = any number)."""
    upper = "" if most is None else str(most)
    return Pattern(f"(?:{part.expression}){{{least},{upper}}}", "repeated", parts=(part,), least=least, most=most)


def optional(part: Pattern) -> Pattern:
    """The part once or not at all."""
    return repeated(part, 0, 1)


def named(name: str, part: Pattern) -> Pattern:
    """The part, kept under a name when a text is taken apart."""
    return Pattern(f"(?P<{name}>{part.expression})", "sequence", parts=(part,))


@dataclass(frozen=True, slots=True)
class Grammar:
    """A deterministic automaton: ``edges`` are (state, symbol, next state); state 0 is the start.

    States from which no accepting state can be reached do not occur.
    """

    expression: re.Pattern[str]
    state_count: int
    edges: tuple[tuple[int, str, int], ...]
    accepting: frozenset[int]

    def accepts(self, text: str) -> bool:
        """Whether the automaton accepts the text, symbol by symbol."""
        step = {(state, symbol): target for state, symbol, target in self.edges}
        state: int | None = 0
        for symbol in text:
            state = step.get((state, symbol)) if state is not None else None
        return state in self.accepting


@dataclass(slots=True)
class _Automaton:
    """A non-deterministic automaton under construction; None as symbol = a free step."""

    count: int = 0
    steps: list[tuple[int, str | None, int]] = field(default_factory=list)

    def state(self) -> int:
        self.count += 1
        return self.count - 1

    def add(self, pattern: Pattern, start: int) -> int:
        """Add the pattern behind ``start`` and return its end state."""
        if pattern.kind == "symbols":
            end = self.state()
            self.steps.extend((start, symbol, end) for symbol in pattern.symbols)
            return end
        if pattern.kind == "sequence":
            for part in pattern.parts:
                start = self.add(part, start)
            return start
        if pattern.kind == "either":
            end = self.state()
            for part in pattern.parts:
                begin = self.state()
                self.steps.append((start, None, begin))
                self.steps.append((self.add(part, begin), None, end))
            return end
        return self._add_repeated(pattern, start)

    def _add_repeated(self, pattern: Pattern, start: int) -> int:
        (part,) = pattern.parts
        for _ in range(pattern.least):
            start = self.add(part, start)
        end = self.state()
        if pattern.most is None:
            loop = self.state()
            self.steps.append((start, None, loop))
            self.steps.append((self.add(part, loop), None, loop))
            self.steps.append((loop, None, end))
            return end
        self.steps.append((start, None, end))
        for _ in range(pattern.most - pattern.least):
            start = self.add(part, start)
            self.steps.append((start, None, end))
        return end


def compile_grammar(pattern: Pattern) -> Grammar:
    """The deterministic automaton of a pattern, by the subset construction, without dead states."""
    automaton = _Automaton()
    start = automaton.state()
    end = automaton.add(pattern, start)
    free: dict[int, list[int]] = {}
    moves: dict[int, list[tuple[str, int]]] = {}
    for source, symbol, target in automaton.steps:
        if symbol is None:
            free.setdefault(source, []).append(target)
        else:
            moves.setdefault(source, []).append((symbol, target))
    first = _closure({start}, free)
    number = {first: 0}
    waiting, edges = [first], []
    while waiting:
        here = waiting.pop()
        reached: dict[str, set[int]] = {}
        for state in here:
            for symbol, target in moves.get(state, ()):
                reached.setdefault(symbol, set()).add(target)
        for symbol in sorted(reached):
            there = _closure(reached[symbol], free)
            if there not in number:
                number[there] = len(number)
                waiting.append(there)
            edges.append((number[here], symbol, number[there]))
    accepting = frozenset(index for states, index in number.items() if end in states)
    return Grammar(re.compile(pattern.expression), len(number), tuple(sorted(edges)), accepting)


def _closure(states: set[int], free: dict[int, list[int]]) -> frozenset[int]:
    """All states that free steps reach."""
    seen, waiting = set(states), list(states)
    while waiting:
        for target in free.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)
