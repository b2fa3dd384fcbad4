"""Rarer ways to write digits and signs on checks, drawn by hand for this project: looped 2, 5 like a root sign, 1 like an l, 7 like a
t, open and h-like 4, 9 like p or ρ, 8 open above, long commas. The notation is that of ``stroke_models``; weights are relative to the
shapes there. A ``PenSet`` with ``rare`` writes with both, so that a network meets them often enough to learn them.
"""

from __future__ import annotations

from training.synthetic.stroke_models import ALL_SHAPES, Shape

RARE_SHAPES: dict[str, tuple[Shape, ...]] = {
    "0": (
        Shape("closed with inner tail", 2, "44,4 14,18 2,58 20,96 52,90 66,46 50,4 30,2 34,30"),
        Shape("lying", 2, "50,10 16,14 2,54 22,92 66,94 92,60 84,22 56,8 44,14"),
        Shape("e-like", 1, "70,30 48,4 14,14 2,60 24,98 58,88 70,40 46,12 30,20"),
    ),
    "1": (
        Shape("slim loop", 3, "0,64 24,24 32,4 24,0 18,40 16,100"),
        Shape("loop with foot", 3, "0,70 22,34 30,6 20,2 14,54 18,96 36,90"),
        Shape("wide upstroke", 4, "0,74 40,14 50,0! 40,102"),
        Shape("upstroke from below", 4, "0,102 30,50 56,0! 46,104"),
        Shape("hooked flag", 2, "0,40 6,48 34,2! 28,100"),
        Shape("leaning", 2, "30,0 0,102"),
    ),
    "2": (
        Shape("curled head", 5, "26,30 12,34 6,18 26,0 50,8 52,32 30,70 4,98 4,86 22,84 44,94 74,98"),
        Shape("closed head", 4, "34,20 22,34 8,26 14,6 40,0 58,18 48,52 14,96! 30,88 72,98"),
        Shape("large foot loop", 5, "2,24 24,2 50,10 50,36 30,74 8,98 0,86 14,74 36,84 56,98 90,94"),
        Shape("both loops", 4, "22,26 8,28 8,10 30,0 54,14 48,48 22,86 4,96 4,82 24,82 48,96 80,92"),
        Shape("tall head", 2, "8,40 0,20 18,0 42,8 40,40 20,76 2,98 12,86 34,90 66,100"),
    ),
    "3": (
        Shape("angular", 2, "2,8! 52,4! 22,40! 50,44 58,78 30,102 0,94"),
        Shape("inner loops", 2, "8,14 30,0 48,16 30,40 16,42 26,34 52,50 56,84 24,102 0,92"),
        Shape("flat", 1, "0,20 20,2 46,8 30,44! 56,60 46,96 4,98"),
    ),
    "4": (
        Shape("h-like", 4, "26,0 4,54! 48,48 | 50,26 34,104"),
        Shape("deep cup", 4, "14,4 2,46 16,60 44,44 56,6! 46,102"),
        Shape("n-like", 3, "8,6 4,52 22,60 44,40 52,20! 48,102"),
        Shape("s-like", 3, "30,0 6,48! 44,46 | 46,22 32,102"),
        Shape("small triangle", 2, "46,10 4,60! 60,56 | 48,8 46,100"),
        Shape("low, long stem", 2, "14,18 2,56 52,52 | 58,0 36,118"),
        Shape("flat cup", 2, "4,14 2,44 40,42 | 54,0 44,104"),
    ),
    "5": (
        Shape("r-like", 4, "14,10 16,60 10,98 0,86 | 12,12 50,2"),
        Shape("root", 4, "0,74 10,98 20,80 16,10! 58,2"),
        Shape("root, two strokes", 3, "14,12 22,84 8,98 0,82 | 16,10 66,2"),
        Shape("slim", 3, "20,8 16,44! 32,48 36,74 20,98 0,90 | 20,8 60,0"),
        Shape("flying hat", 3, "14,16 10,48! 38,44 54,70 32,100 0,92 | 40,4 92,-6"),
        Shape("j-like", 2, "30,6 26,70 10,100 0,86 | 28,8 70,2"),
    ),
    "6": (
        Shape("tall, small loop", 2, "44,-4 14,44 4,84 20,100 38,88 34,68 10,80"),
        Shape("wide loop", 2, "40,0 10,46 4,84 34,102 66,84 54,58 16,72"),
    ),
    "7": (
        Shape("t-like", 4, "8,16 34,4! 20,102 | 0,46 48,40"),
        Shape("t-like, hooked", 4, "0,26 8,8 38,10 28,58 20,104 | 0,50 46,46"),
        Shape("f-like", 3, "2,20 8,6 52,4 34,34 22,110 | 2,44 54,42"),
        Shape("wave, low cross", 2, "0,22 14,6 36,12 60,0! 34,104 | 10,60 52,54"),
        Shape("short bar", 2, "4,10 36,2! 16,104"),
    ),
    "8": (
        Shape("open above, wide", 3, "70,2 40,4 10,18 32,46 58,72 36,100 6,80 28,52 78,4"),
        Shape("slim, open", 3, "40,0 16,6 8,24 30,50 38,78 18,100 4,80 22,52 50,2"),
        Shape("heart", 2, "36,12 14,2 6,24 34,48 64,74 36,102 4,78 30,46 62,22 50,2 36,14"),
        Shape("g-like", 2, "46,18 24,2 8,22 26,44 46,22! 50,60 34,102 6,84 36,50 50,30"),
    ),
    "9": (
        Shape("a-like", 3, "50,12 16,4 4,34 28,46 50,14! 52,60 48,102"),
        Shape("wide and low", 2, "60,14 20,4 2,34 30,52 60,18! 58,100"),
        Shape("p", 4, "10,104 12,50 16,4! 40,0 56,18 44,42 14,46"),
        Shape("looped p", 4, "14,106 16,60 12,16 34,0 56,10 50,36 18,48"),
        Shape("e with tail", 2, "6,46 40,38 46,14 26,2 8,24 14,74 30,104"),
        Shape("open g", 3, "46,14 22,2 6,24 24,42 46,18! 48,74 30,106 2,96"),
        Shape("r with tail", 2, "44,16 22,2 6,22 20,40 44,14! 30,104"),
    ),
    ",": (
        Shape("very long", 3, "18,72 0,126"),
        Shape("long and upright", 3, "6,70 2,120"),
        Shape("bowed", 2, "12,78 14,100 0,124"),
    ),
    ".": (Shape("stroke", 2, "6,88 0,104"), Shape("tick", 2, "0,92 8,100")),
    "-": (Shape("swung", 2, "0,60 20,48 44,58 70,44"), Shape("long tail", 2, "0,58 60,50 130,56")),
    "=": (Shape("joined, z-like", 3, "0,40 40,36! 4,62! 48,58"), Shape("two ticks", 2, "4,40 30,34 | 0,60 34,54")),
}

BOTH_SHAPES: dict[str, tuple[Shape, ...]] = {symbol: (*shapes, *RARE_SHAPES.get(symbol, ())) for symbol, shapes in ALL_SHAPES.items()}
