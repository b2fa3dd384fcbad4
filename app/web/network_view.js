// LeNet-5 at work on one character, layer by layer: the chapter on convolutional layers, on one's own handwriting.

import { answerColour, inkColour, paint, weightColour } from "./colour_maps.js";
import { html, svg } from "./elements.js";
import { layerStack } from "./layer_stack.js";
import { fieldOf, sideSum, windowOf } from "./receptive_field.js";
import { convolutionSum, fixed, poolingSum, productCount } from "./unit_sum.js";

const KINDS = { convolution: "convolution", sub_sampling: "sub-sampling", fully_connected: "fully connected" };
const UNITS_PER_ROW = { c5: 24, f6: 14 };
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** What is said about a layer: its paragraph in the template of the page. */
const textOf = (name) => document.getElementById("layer-texts").content.querySelector(`[data-layer=${name}]`).textContent;

/** A picture of the explanation as numbers: `levels` [row][column] of 0..255 → flat values. */
const valuesOf = (document, map) =>
  document.levels[map].flat().map((level) => document.least + (level / 255) * (document.greatest - document.least));

const title = (layer) => `${layer.name.toUpperCase()}: ${layer.side > 1 ? `${layer.maps} maps of ${layer.side} × ${layer.side}` : `${layer.maps} units`}`;

/** A map on a canvas with an overlay whose viewBox is in units of the map. */
function picture(values, columns, colour, kind) {
  const canvas = html("canvas", { "aria-hidden": "true" });
  paint(canvas, values, columns, colour);
  const overlay = svg("svg", { viewBox: `0 0 ${columns} ${values.length / columns}`, "aria-hidden": "true" });
  return { element: html("span", { class: `map ${kind}` }, canvas, overlay), overlay, values, columns, rows: values.length / columns };
}

const frame = (x, y, width, height, kind) => svg("rect", { x, y, width, height, class: kind });

/** "white 0 … dark 2.3", with the scale itself between the words. */
function scale(least, greatest, colour, words) {
  const canvas = html("canvas", { class: "scale", "aria-hidden": "true" });
  paint(canvas, Array.from({ length: 64 }, (_, k) => least + (k / 63) * (greatest - least)), 64, colour);
  return html("p", { class: "legend" }, words[0], canvas, words[1]);
}

/** Mount the chapter into an element. Returns {show(network)}; `network` as in the explanation document. */
export function mount(element) {
  return { show: (network) => element.replaceChildren(...chapter(network)) };
}

function chapter(network) {
  const layers = network.layers;
  const patch = picture(valuesOf(network.patch, 0), 32, inkColour, "patch");
  const maps = layers.map((layer) => {
    const many = layer.side > 1;
    const answers = network[layer.name];
    const colour = answerColour(many ? answers.greatest : Math.max(...answers));
    return many ? answers.levels.map((_, k) => picture(valuesOf(answers, k), layer.side, colour, layer.name))
      : [picture(answers, UNITS_PER_ROW[layer.name], colour, layer.name)];
  });
  const stack = layerStack(layers);
  const said = html("p", { class: "unit-said", "aria-live": "polite" });
  const sides = html("p", { class: "sides" });
  const sum = html("div", { class: "unit-sum" });
  let unit = { index: 0, map: 0, row: 0, column: 0 };

  function probe(next) {
    unit = next;
    const { index, map, row, column } = unit;
    const layer = layers[index];
    const dense = layer.side === 1;
    [patch, ...maps.flat()].forEach((one) => one.overlay.replaceChildren());
    const seen = dense ? { x: 0, y: 0, side: 32 } : fieldOf(layer, row, column);
    patch.overlay.append(frame(seen.x, seen.y, seen.side, seen.side, "field"));
    maps[index][dense ? 0 : map].overlay.append(frame(column, row, 1, 1, "unit"));
    const window = windowOf(layer, dense ? 0 : row, dense ? 0 : column);
    const below = index === 0 ? [] : layer.kind === "sub_sampling" ? [maps[index - 1][map]] : maps[index - 1];
    below.forEach((one) => one.overlay.append(layers[index - 1].side > 1 ? frame(window.x, window.y, window.side, window.side, "window")
      : frame(0, 0, one.columns, one.rows, "window")));
    const of = maps[index][dense ? 0 : map];
    const value = of.values[row * of.columns + column];
    const where = dense ? `unit ${row * of.columns + column + 1} of ${layer.maps}` : `map ${map + 1}, row ${row}, column ${column}`;
    const range = (begin) => `${begin} to ${begin + seen.side - 1}`;
    said.replaceChildren(html("strong", {}, `${layer.name.toUpperCase()}, ${where}: ${value.toFixed(3)}. `),
      dense ? "It sees the whole patch." : `It sees ${seen.side} × ${seen.side} pixels: columns ${range(seen.x)}, rows ${range(seen.y)}.`);
    const under = index ? layers[index - 1].side : 32;
    sides.textContent = layer.kind === "fully_connected" ? "Fully connected: no window, no stride."
      : `Kernel ${layer.kernel_px}, stride ${layer.stride_px}, zero padding ${layer.padding_px}: ${sideSum(layer, under)} units to a side.`;
    stack.show(index, column);
    sum.replaceChildren(...written(unit, value));
  }

  function written({ index, map, row, column }, value) {
    const layer = layers[index];
    const source = index ? maps[index - 1][map] ?? maps[index - 1][0] : patch;
    const window = windowOf(layer, row, column);
    const cut = () => Array.from({ length: window.side }, (_, y) =>
      Array.from({ length: window.side }, (__, x) => source.values[(window.y + y) * source.columns + window.x + x]));
    if (index === 0) return convolutionSum(cut(), network.filters.weights[map], network.filters.biases[map], value).nodes;
    return layer.kind === "sub_sampling" ? poolingSum(cut(), value) : productCount(layer, layers[index - 1], value);
  }

  function onKey(event, index) {
    const own = unit.index === index ? unit : { index, map: 0, row: 0, column: 0 };
    const { rows, columns } = maps[index][own.map];
    const last = { rows: rows - 1, columns: columns - 1 };
    const step = STEPS[event.key];
    const turn = { PageDown: 1, PageUp: -1 }[event.key];
    if (!step && !turn) return;
    event.preventDefault();
    const within = (value, top) => Math.min(top, Math.max(0, value));
    probe(step ? { ...own, row: within(own.row + step[0], last.rows), column: within(own.column + step[1], last.columns) }
      : { ...own, map: within(own.map + turn, maps[index].length - 1) });
  }

  const rowOf = (index) => {
    const layer = layers[index];
    const many = layer.maps > 1 && layer.side > 1;
    const row = html("div", { class: `maps ${layer.name}`, tabindex: "0", role: "group", "data-layer": layer.name,
      "aria-label": `${title(layer)}: arrow keys move from unit to unit${many ? ", Page Up and Page Down from map to map" : ""}`,
      onkeydown: (event) => onKey(event, index),
      onfocus: (event) => { if (event.target.matches(":focus-visible") && unit.index !== index) probe({ index, ...strongest(maps[index]) }); },
    }, ...maps[index].map((one) => one.element));
    maps[index].forEach((one, map) => {
      const point = (event) => {
        const box = one.element.firstChild.getBoundingClientRect();
        const place = (value, size, count) => Math.min(count - 1, Math.max(0, Math.floor((value / size) * count)));
        const next = { index, map, row: place(event.clientY - box.top, box.height, one.rows), column: place(event.clientX - box.left, box.width, one.columns) };
        if (Object.keys(next).some((key) => next[key] !== unit[key])) probe(next);
      };
      one.element.addEventListener("pointermove", point);
      one.element.addEventListener("pointerdown", point);
    });
    const answers = network[layer.name];
    const greatest = layer.side > 1 ? answers.greatest : Math.max(...answers);
    return html("section", { class: "layer" }, html("h3", {}, `${title(layer)} · ${KINDS[layer.kind]}`), html("p", {}, textOf(layer.name)), row,
      scale(0, greatest, answerColour(greatest), ["0", greatest.toFixed(1)]));
  };
  const sections = layers.map((_, index) => rowOf(index));
  probe({ index: 0, ...strongest(maps[0]) });
  return [
    html("div", { class: "probe", tabindex: "0", role: "group", "aria-label": "The chosen unit and what it sees" }, html("figure", {}, patch.element, html("figcaption", {}, "The patch: 32 × 32 pixels")),
      html("div", { class: "probe-words" }, said, sides),
      html("details", { open: innerWidth > 800 }, html("summary", {}, "To scale, and summed up"), stack.element, sum)),
    html("div", { class: "layers" },
      html("section", { class: "layer" }, html("h3", {}, `The patch of “${network.symbol}”`), html("p", {}, textOf("patch"))),
      filters(network, (map) => probe({ ...(unit.index === 0 ? unit : { index: 0, row: 0, column: 0 }), map })), ...sections, scores(network)),
  ];
}

/** The unit with the greatest answer of a layer: {map, row, column}. */
function strongest(maps) {
  const tops = maps.map((one) => Math.max(...one.values));
  const map = tops.indexOf(Math.max(...tops));
  const place = maps[map].values.indexOf(tops[map]);
  return { map, row: Math.floor(place / maps[map].columns), column: place % maps[map].columns };
}

function filters(network, choose) {
  const { weights, biases } = network.filters;
  const greatest = Math.max(...weights.flat(2).map(Math.abs));
  const shown = weights.map((weight, k) => html("button", { type: "button", class: "filter", onclick: () => choose(k), "aria-label": `Filter ${k + 1}, show its map` },
    picture(weight.flat(), 5, weightColour(greatest), "c1").element, html("span", { "aria-hidden": "true" }, `bias ${fixed(biases[k])}`)));
  return html("section", { class: "layer" }, html("h3", {}, "The filters of C1: 6 of 5 × 5"), html("p", {}, textOf("filters")),
    html("div", { class: "maps filters" }, ...shown), scale(-greatest, greatest, weightColour(greatest), [`−${greatest.toFixed(1)} paper`, `${greatest.toFixed(1)} ink`]));
}

function scores(network) {
  const rows = network.scores.map(({ symbol, probability }) => {
    const bar = html("span", { class: "bar" });
    bar.style.width = `${100 * probability}%`;
    const percent = probability < 0.0005 ? "< 0.1 %" : `${(100 * probability).toFixed(1)} %`;
    return html("tr", { class: symbol === network.symbol ? "chosen" : null }, html("th", { scope: "row" }, symbol), html("td", { class: "bar-cell" }, bar), html("td", {}, percent));
  });
  return html("section", { class: "layer" }, html("h3", {}, "The scores"), html("p", {}, textOf("scores")), html("table", { class: "scores" }, html("tbody", {}, ...rows)));
}
