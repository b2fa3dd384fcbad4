// The segmentation lattice of one field over its ink: every candidate cut, the arcs of the winning path, the runner-up.

import { html, svg } from "./elements.js";

const LANE = 58; // height of a path below the ink, CSS pixels
const LEAST_INK = 56; // height of the ink, CSS pixels: narrower lines are scrolled
const MOST_ENLARGED = 10;

/** How a field lies on the picture: {cos, sin, left, top, width, height}, the turned box around all its lines in image pixels. */
export function frameOf(explanation) {
  const { cuts, winner, runner_up: rival } = explanation;
  const arcs = [...winner.arcs, ...(rival?.arcs ?? [])];
  const [x, y] = arcs.reduce(([a, b], { box }) => [a + box[1][0] - box[0][0], b + box[1][1] - box[0][1]], [0, 0]);
  const length = Math.hypot(x, y) || 1;
  const turn = { cos: (x || (y ? 0 : 1)) / length, sin: y / length };
  const points = [...cuts, ...arcs.map(({ box }) => box), ...winner.stepped_over].flat().map((point) => turned(turn, point));
  const [left, top] = [0, 1].map((axis) => Math.min(...points.map((point) => point[axis])));
  const [right, bottom] = [0, 1].map((axis) => Math.max(...points.map((point) => point[axis])));
  const room = 0.12 * (bottom - top) + 2;
  return { ...turn, left: left - room, top: top - room, width: right - left + 2 * room, height: bottom - top + 2 * room };
}

const turned = ({ cos, sin }, [x, y]) => [cos * x + sin * y, cos * y - sin * x];

/** Draw a field. `image` is a decoded picture, `item` has its width and height in image pixels, `onChoose(k)` is told of a click.
 * Returns an element that is drawn anew when its width changes. */
export function latticeView(image, item, explanation, { character, rival, onChoose }) {
  const element = html("div", { class: "lattice", tabindex: "0", role: "group", "aria-label": "Cuts and paths over the ink" });
  let drawn = 0;
  new ResizeObserver(() => {
    if (element.clientWidth && element.clientWidth !== drawn) {
      drawn = element.clientWidth;
      element.replaceChildren(...drawing(image, item, explanation, { character, rival, onChoose, width: drawn }));
    }
  }).observe(element);
  return element;
}

function drawing(image, item, explanation, { character, rival, onChoose, width }) {
  const frame = frameOf(explanation);
  const scale = Math.min(MOST_ENLARGED, Math.max(width / frame.width, LEAST_INK / frame.height));
  const place = (point) => {
    const [x, y] = turned(frame, point);
    return [(x - frame.left) * scale, (y - frame.top) * scale];
  };
  const size = { width: frame.width * scale, height: frame.height * scale };
  const paths = rival && explanation.runner_up ? [explanation.winner, explanation.runner_up] : [explanation.winner];
  const canvas = cutOut(image, item, frame, scale, size);
  const total = size.height + paths.length * LANE;
  const overlay = svg("svg", { viewBox: `0 0 ${size.width} ${total}`, class: "lattice-lines", role: "img", "aria-label": spoken(explanation) });
  overlay.style.width = `${size.width}px`;
  overlay.style.height = `${total}px`;
  const text = (points) => points.map((point) => place(point).map((value) => value.toFixed(2)).join(",")).join(" ");
  explanation.winner.stepped_over.forEach((polygon) => overlay.append(svg("polygon", { points: text(polygon), class: "over" })));
  explanation.winner.arcs.forEach((arc, k) => overlay.append(svg("polygon", {
    points: text(arc.box), class: k === character ? "character chosen" : "character", onclick: () => onChoose(k) })));
  explanation.cuts.forEach((line, k) => overlay.append(svg("polyline", { points: text(line), class: "cut", "data-cut": k })));
  paths.forEach((path, lane) => overlay.append(...arcsOf(path, lane, { explanation, place, top: size.height + lane * LANE, character, onChoose })));
  const holder = html("div", { class: "lattice-ink" }, canvas, overlay);
  holder.style.width = `${size.width}px`;
  holder.style.height = `${total}px`;
  return [holder];
}

/** The field cut from the picture, upright and enlarged. */
function cutOut(image, item, frame, scale, size) {
  const sharp = Math.min(2, globalThis.devicePixelRatio || 1);
  const canvas = html("canvas", { width: Math.round(size.width * sharp), height: Math.round(size.height * sharp), "aria-hidden": "true" });
  canvas.style.width = `${size.width}px`;
  canvas.style.height = `${size.height}px`;
  const context = canvas.getContext("2d");
  const by = scale * sharp;
  context.setTransform(frame.cos * by, -frame.sin * by, frame.sin * by, frame.cos * by, -frame.left * by, -frame.top * by);
  context.drawImage(image, 0, 0, item.width, item.height);
  return canvas;
}

/** Where a cut meets the lane below the ink: x of its lower end, or of its middle where it is level. */
function footOf(line, place) {
  const [first, last] = [place(line[0]), place(line[line.length - 1])];
  return Math.abs(last[1] - first[1]) > Math.abs(last[0] - first[0]) ? last[0] : (first[0] + last[0]) / 2;
}

/** One path: a node for each cut, a bow for each arc with its symbol and its share beneath. */
function arcsOf(path, lane, { explanation, place, top, character, onChoose }) {
  const feet = explanation.cuts.map((line) => footOf(line, place));
  const said = new Map(explanation.winner.arcs.map((arc) => [`${arc.source} ${arc.target}`, arc.symbol]));
  const y = top + 6;
  const nodes = feet.map((x) => svg("circle", { cx: x, cy: y, r: 2, class: "node" }));
  const arcs = path.arcs.map((arc, k) => {
    const [from, to] = [feet[arc.source], feet[arc.target]];
    const middle = (from + to) / 2;
    const other = lane && said.get(`${arc.source} ${arc.target}`) !== arc.symbol;
    const group = svg("g", { class: `arc${other ? " other" : ""}${lane ? " rival" : ""}${!lane && k === character ? " chosen" : ""}` },
      svg("path", { d: `M${from} ${y}Q${middle} ${y + 26} ${to} ${y}` }),
      svg("text", { x: middle, y: y + 32, class: "symbol" }, arc.symbol));
    if (Math.abs(to - from) > 30) group.append(svg("text", { x: middle, y: y + 46, class: "share" }, `${Math.round(100 * arc.probability)} %`));
    if (!lane) group.addEventListener("click", () => onChoose(k));
    return group;
  });
  return [...nodes, ...arcs];
}

const spoken = ({ cuts, winner }) => `${cuts.length} candidate cuts; the winning path takes ${winner.arcs.length} characters: ${winner.text}`;
