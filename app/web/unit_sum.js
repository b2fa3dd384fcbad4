// What one unit did, written out: window × filter + bias for C1, the greatest of four for sub-sampling, in words for the rest.

import { html } from "./elements.js";

/** A number to two places, with a real minus sign. */
export const fixed = (value) => value.toFixed(2).replace("-", "−").replace("−0.00", "0.00");

/** A square of numbers as a table, rows before columns. */
function square(rows, caption) {
  return html("table", { class: "square" }, html("caption", {}, caption),
    html("tbody", {}, ...rows.map((row) => html("tr", {}, ...row.map((value) => html("td", {}, fixed(value)))))));
}

const sign = (text) => html("span", { class: "sign" }, text);

/** The sum of a unit of C1: `window` and `weights` 5 x 5, `value` what the network itself answered. Returns {nodes, sum}. */
export function convolutionSum(window, weights, bias, value) {
  const total = window.flat().reduce((sum, ink, k) => sum + ink * weights.flat()[k], 0);
  const sum = total + bias;
  return {
    sum,
    nodes: [
      html("div", { class: "squares" }, square(window, "pixels of the patch"), sign("×"), square(weights, "filter")),
      html("p", { class: "sum" }, `25 products add up to ${fixed(total)}; bias ${fixed(bias)}: together ${fixed(sum)}. `,
        sum > 0 ? "It is above 0 and passes as it is." : "It is not above 0: the unit answers 0 (ReLU).", ` Answer: ${fixed(value)}.`),
    ],
  };
}

/** The greatest of the four units that a unit of S2 or S4 sees; `window` 2 x 2. */
export const poolingSum = (window, value) => [
  html("div", { class: "squares" }, square(window, "four units below")),
  html("p", { class: "sum" }, `The greatest of the four passes: ${fixed(value)}.`),
];

/** How many products a unit of C3, C5 or F6 adds up; `below` is the layer below, `value` its answer. */
export function productCount(layer, below, value) {
  const count = layer.kernel_px ** 2 * below.maps;
  const from = layer.kind === "fully_connected" ? `all ${below.maps} units of ${below.name.toUpperCase()}`
    : `${layer.kernel_px} × ${layer.kernel_px} units of each of the ${below.maps} maps of ${below.name.toUpperCase()}`;
  return [html("p", { class: "sum" }, `It adds up ${count} products, with ${from}, and a bias; what is below 0 is cut off. Answer: ${fixed(value)}.`)];
}
