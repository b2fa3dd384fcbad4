// The layers seen from the side, to scale: a column of units over the pixels that it sees, stride and padding drawn in.

import { html, svg } from "./elements.js";
import { coneOf, placeOf } from "./receptive_field.js";

const ROW = 4.4; // distance of two layers, in patch pixels
const CELL = 1.9; // height of a cell
const PADDING = 2; // a padding that LeNet-5 does not have, drawn to show what it would be
const SIDE = 32;

/** The drawing. Returns {element, show(index, column)}; `layers` as in the explanation, index 0 = C1; F6 is left out: it has no place. */
export function layerStack(layers) {
  const drawn = layers.filter((layer) => layer.kind !== "fully_connected");
  const levels = [{ name: "patch", side: SIDE, jump_px: 1, receptive_field_px: 1 }, ...drawn];
  const top = (level) => (levels.length - 1 - level) * ROW + 0.5;
  const height = levels.length * ROW + 3;
  const drawing = svg("svg", { viewBox: `-${PADDING + 0.5} 0 ${SIDE + 15} ${height}`, class: "stack", role: "img",
    "aria-label": "The layers from the side, to scale: each unit above the pixels that it sees" });
  const cells = levels.map((layer, level) =>
    Array.from({ length: layer.side }, (_, column) => {
      const cell = svg("rect", { x: placeOf(layer, column), y: top(level), width: layer.jump_px, height: CELL, class: "cell" });
      drawing.append(cell);
      return cell;
    }));
  levels.forEach((layer, level) => drawing.append(svg("text", { x: SIDE + PADDING + 0.8, y: top(level) + 1.6 },
    level ? `${layer.name.toUpperCase()}: ${layer.side}` : "patch: 32")));
  for (let k = 0; k < 2 * PADDING; k += 1) {
    drawing.append(svg("rect", { x: k < PADDING ? k - PADDING : SIDE + k - PADDING, y: top(0), width: 1, height: CELL, class: "ghost" }));
  }
  drawing.append(svg("text", { x: -PADDING, y: top(0) + 5.6 }, "dashed: zeros that padding would add; here none"));
  const marks = svg("g");
  drawing.append(marks);

  function show(index, column) {
    const chosen = Math.min(index, drawn.length - 1);
    const ranges = coneOf(drawn, chosen, index > chosen ? 0 : column);
    cells.flat().forEach((cell) => cell.classList.remove("seen"));
    ranges.forEach(([first, end], k) => cells[chosen + 1 - k].slice(first, end).forEach((cell) => cell.classList.add("seen")));
    marks.replaceChildren(...strideMarks(levels, chosen + 1, index > chosen ? 0 : column, top));
  }
  return { element: html("figure", { class: "stack-figure" }, drawing), show };
}

/** Two brackets under the row below: what the unit sees, and, dashed, what its neighbour sees, one stride further. */
function strideMarks(levels, level, column, top) {
  const layer = levels[level];
  const below = levels[level - 1];
  const bracket = (unit, y, kind) => {
    const begin = placeOf(below, unit * layer.stride_px);
    const end = placeOf(below, unit * layer.stride_px + layer.kernel_px - 1) + below.jump_px;
    return svg("path", { d: `M${begin + 0.1} ${y - 0.5}V${y}H${end - 0.1}V${y - 0.5}`, class: kind });
  };
  const y = top(level - 1) + CELL + 0.8;
  const neighbour = column + 1 < layer.side ? column + 1 : column - 1;
  return neighbour < 0 ? [bracket(column, y, "window")] : [bracket(column, y, "window"), bracket(neighbour, y + 0.8, "next")];
}
