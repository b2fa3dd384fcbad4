"""The JSON form of an explanation (``include=explanation``): see ``app.explanation`` for what the parts are."""

from __future__ import annotations

from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from app.explanation import ExplainedCharacter, ExplainedPath, FieldExplanation
from app.json_values import Corners, Document, Share, points, share
from app.reader.receptive_fields import LENET5, LayerKind, LayerName

Level = Annotated[int, Field(ge=0, le=255)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Square = list[list[Number]]


class ArcDocument(Document):
    """One character of a path: the ink between the cuts ``source`` and ``target``, taken for ``symbol``."""

    symbol: str
    source: int = Field(ge=0, description="Number of the cut where it begins: its place in cuts")
    target: int = Field(ge=1, description="Number of the cut where it ends")
    box: Corners
    log_score: float = Field(allow_inf_nan=False, description="Natural log of the odds of the symbol against rubbish")
    probability: Share = Field(description="P(symbol | ink of the arc)")


class PathDocument(Document):
    """A path through the lattice, from the first cut to the last."""

    text: str
    log_score: float = Field(allow_inf_nan=False, description="Sum of the scores of its arcs and of the ink that it steps over")
    posterior: Share = Field(
        description="Share of this text among all paths that the grammar accepts: LeNet-5's own opinion, before calibration"
    )
    arcs: list[ArcDocument]
    stepped_over: list[Corners] = Field(description="Ink that the path takes for no character")

    @classmethod
    def of(cls, path: ExplainedPath) -> Self:
        """The document of one path."""
        arcs = [
            ArcDocument(
                symbol=arc.symbol,
                source=arc.source,
                target=arc.target,
                box=points(arc.polygon),
                log_score=round(arc.log_score, 3),
                probability=share(arc.probability),
            )
            for arc in path.arcs
        ]
        over = [points(polygon) for polygon in path.stepped_over]
        return cls(text=path.text, log_score=round(path.log_score, 3), posterior=share(path.posterior), arcs=arcs, stepped_over=over)


class LayerDocument(Document):
    """The geometry of one layer. The unit in row y, column x of a map sees the square of ``receptive_field_px`` pixels of the patch
    whose upper left corner is the pixel (x * jump_px, y * jump_px)."""

    name: LayerName
    kind: LayerKind
    maps: int
    side: int = Field(description="Each map has side x side units")
    kernel_px: int = Field(description="Side of the square of units of the layer below that a unit sees")
    stride_px: int = Field(description="Distance, in units of the layer below, of what neighbouring units see")
    padding_px: int = Field(description="Zeros set around the layer below: none in LeNet-5")
    receptive_field_px: int
    jump_px: int


class MapsDocument(Document):
    """Pictures of one size, rows before columns: value = least + level / 255 * (greatest - least)."""

    least: Number
    greatest: Number
    levels: list[list[list[Level]]]

    @classmethod
    def of(cls, maps: npt.NDArray[np.float32]) -> Self:
        """The document of maps (M, H, W)."""
        least, greatest = float(maps.min()), float(maps.max())
        levels = np.rint((maps.astype(np.float64) - least) * (255.0 / max(greatest - least, 1e-12)))
        return cls(least=round(least, 6), greatest=round(greatest, 6), levels=levels.astype(np.uint8).tolist())


class FiltersDocument(Document):
    """The filters of C1: before ReLU, map k of C1 is the correlation of the patch with weights[k] plus biases[k]."""

    weights: list[Square] = Field(description="6 filters of 5 x 5")
    biases: list[Number]


class ScoreDocument(Document):
    """One class of the network's answer."""

    symbol: str
    probability: Share
    log_probability: Number


class NetworkDocument(Document):
    """What LeNet-5 saw of one character of the winning path, layer by layer."""

    character: int = Field(ge=0, description="Which character, from 0 on")
    character_count: int = Field(ge=1)
    symbol: str
    box: Corners
    patch: MapsDocument = Field(description="One picture of 32 x 32: ink of the character 1, paper 0, neighbouring ink below 0")
    layers: list[LayerDocument]
    filters: FiltersDocument
    c1: MapsDocument = Field(description="6 maps of 28 x 28, after ReLU")
    s2: MapsDocument = Field(description="6 maps of 14 x 14")
    c3: MapsDocument = Field(description="16 maps of 10 x 10, after ReLU")
    s4: MapsDocument = Field(description="16 maps of 5 x 5")
    c5: list[Number] = Field(description="120 units, after ReLU")
    f6: list[Number] = Field(description="84 units, after ReLU")
    scores: list[ScoreDocument] = Field(description="Every class, in the order of the model's alphabet")

    @classmethod
    def of(cls, network: ExplainedCharacter, character_count: int) -> Self:
        """The document of one character."""
        maps = network.maps
        symbols = zip(network.symbols, maps.log_probs.tolist(), strict=True)
        return cls(
            character=network.index,
            character_count=character_count,
            symbol=network.symbol,
            box=points(network.polygon),
            patch=MapsDocument.of(maps.patch[None]),
            layers=[LayerDocument.model_validate(layer, from_attributes=True) for layer in LENET5],
            filters=FiltersDocument(weights=_rounded(network.filters.weights), biases=_rounded(network.filters.biases)),
            c1=MapsDocument.of(maps.c1),
            s2=MapsDocument.of(maps.s2),
            c3=MapsDocument.of(maps.c3),
            s4=MapsDocument.of(maps.s4),
            c5=_rounded(maps.c5, 4),
            f6=_rounded(maps.f6, 4),
            scores=[ScoreDocument(symbol=s, probability=share(np.exp(p)), log_probability=round(p, 4)) for s, p in symbols],
        )


class ExplanationDocument(Document):
    """Why a field was read as it was."""

    cuts: list[Corners] = Field(description="The candidate cuts, from the first to the last: each a line of at least two points")
    winner: PathDocument
    runner_up: PathDocument | None = Field(description="The best path of another value, or else of another text")
    network: NetworkDocument | None = Field(description="For the field that the parameter character counts in")
    network_missing: str | None = Field(description="Why there is no network where there should be one")

    @classmethod
    def of(cls, explanation: FieldExplanation) -> Self:
        """The document of one field."""
        network = explanation.network
        return cls(
            cuts=[points(line) for line in explanation.cuts],
            winner=PathDocument.of(explanation.winner),
            runner_up=PathDocument.of(explanation.runner_up) if explanation.runner_up else None,
            network=NetworkDocument.of(network, len(explanation.winner.arcs)) if network else None,
            network_missing=explanation.network_missing,
        )


def _rounded(values: npt.NDArray[np.float32], digits: int = 6) -> list[Any]:
    return np.round(values.astype(np.float64), digits).tolist()  # type: ignore[no-any-return]
