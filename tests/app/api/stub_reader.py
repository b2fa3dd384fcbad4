"""A reader with a fixed answer, and one that can be held up: for tests of everything around reading."""

from __future__ import annotations

import threading

import numpy as np

from app.reader.types import (
    Alphabet,
    AmountAlternative,
    AmountReading,
    Character,
    CheckReading,
    DigitReading,
    ImageDescription,
    ImageQuality,
    LogProbs,
    MicrParse,
    MicrReading,
    ModelInfo,
    ModelName,
    Patches,
    QualityTest,
    ReadOptions,
    Reason,
    Scope,
)
from app.settings import Settings

ALPHABETS = {
    "courtesy_amount": Alphabet((*"0123456789$,./-*#=", "rubbish", "stray")),
    "micr_e13b": Alphabet((*"0123456789⑆⑇⑈⑉", "rubbish", "stray")),
}
BOX = ((10.0, 10.0), (50.0, 10.0), (50.0, 30.0), (10.0, 30.0))
CHARACTER = Character("1", BOX, 0.999, (("7", 0.0006),))
SECRETS = ("1234.56", "075911713", "123456789")  # of the fixed answer: they belong into no log


class StubRecogniser:
    """Every class of every patch is as likely as any other."""

    def info(self, model: ModelName) -> ModelInfo:
        """A model that accepts nothing below 0.9."""
        return ModelInfo(model, "sha256:" + model[0] * 64, "1", ALPHABETS[model], ((0.01, 0.9),), (1.0, 0.0))

    def score(self, patches: Patches, model: ModelName) -> LogProbs:
        """Uniform log-probabilities (A, C)."""
        count = len(ALPHABETS[model])
        return np.full((len(patches), count), -np.log(count), dtype=np.float32)


def amount(options: ReadOptions) -> AmountReading:
    """A refused amount with evidence."""
    reason = Reason("ambiguous_character", "The third digit may be a 3 or an 8.")
    other = (AmountAlternative("1284.56", 0.12),)
    return AmountReading(
        "refused", reason, "1234.56", 123456, "USD", "$1,234.56", 0.871, options.max_error, BOX, (CHARACTER,), other
    )  # fmt: skip


def micr(options: ReadOptions) -> MicrReading:
    """An accepted line."""
    return MicrReading(
        "accepted", None, "⑆075911713⑆ 123456789⑈ 1237", "us_personal", 0.9997, options.max_error, BOX, (CHARACTER,),
        "075911713", True, "123456789", "1237", None, None, None, (), (MicrParse("123456789", "1237", "as printed"),),
    )  # fmt: skip


def reading(options: ReadOptions) -> CheckReading:
    """The fixed answer, in the parts that were asked for."""
    scope = options.scope
    test = QualityTest("too_light_or_too_dark", "not_tested", float("nan"), float("inf"), None)
    recogniser = StubRecogniser()
    return CheckReading(
        models=(recogniser.info("courtesy_amount"), recogniser.info("micr_e13b")),
        amount=amount(options)
        if scope is Scope.COURTESY_AMOUNT or (scope is Scope.CHECK and "courtesy_amount" in options.fields)
        else None,
        micr=micr(options) if scope is Scope.MICR_LINE or (scope is Scope.CHECK and "micr_line" in options.fields) else None,
        digit=DigitReading("accepted", None, "7", 0.99, options.max_error, BOX, (("1", 0.01),)) if scope is Scope.DIGIT else None,
        image=ImageDescription(64, 48, 200.0, -0.3, 0, options.page_index, 1, ImageQuality((test,))),
        timings_ms={"decode": 2.1, "page": 3.9, "locate": 2.2, "segment": 1.4, "recognise": 4.8, "best_path": 1.0},
    )


class StubReader:
    """Gives the fixed answer to whatever it is given, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[ReadOptions] = []

    @property
    def recogniser(self) -> StubRecogniser:
        return StubRecogniser()

    def read(self, data: bytes, options: ReadOptions) -> CheckReading:
        """The fixed answer."""
        self.asked.append(options)
        return reading(options)


class HeldReader(StubReader):
    """Holds every read but the first one, the warm-up, until it is let go. ``started`` counts the reads that began."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.started = threading.Semaphore(0)

    def read(self, data: bytes, options: ReadOptions) -> CheckReading:
        """The fixed answer, once let go."""
        warm_up = not self.asked
        answer = super().read(data, options)
        if not warm_up:
            self.started.release()
            if not self.let_go.wait(timeout=30):
                raise RuntimeError("the test never let the reader go")
        return answer


class BrokenReader(StubReader):
    """Breaks on every read but the warm-up, with a text that nobody may see."""

    def read(self, data: bytes, options: ReadOptions) -> CheckReading:
        """Never returns a second time."""
        if self.asked:
            raise RuntimeError("secret /path/of/inside")
        return super().read(data, options)


def settings(**given: object) -> Settings:
    """Settings for tests: small, on 127.0.0.1, any free port."""
    return Settings(**{"port": 0, "workers": 2, "drain_notice_s": 0.0, **given})  # type: ignore[arg-type]
