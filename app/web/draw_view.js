// Draw: write an amount with mouse, pen or finger, and see it read after a short pause.

import * as api from "./api.js";
import { html, put } from "./elements.js";

const SIZE = innerWidth < 700 ? { width: 640, height: 320 } : { width: 960, height: 240 }; // of the picture that is sent, in pixels
const WORTH_SAYING = 0.005; // confidence of an alternative
const PEN = SIZE.height / 24; // width of a stroke without pressure, in pixels of that picture
const PAUSE_MS = 450;
const KEY_STEP = 8;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Width of the pen for a pressure of 0..1; a mouse and many fingers report 0.5. */
const penWidth = (pressure) => PEN * (0.6 + 0.8 * (pressure || 0.5));

const contextOf = (canvas) => canvas.getContext("2d", { willReadFrequently: true });

/** A stroke, a list of {x, y, width} in picture pixels, from its point number `from` on, black on what is there. */
function drawStroke(canvas, stroke, from = 0) {
  const context = contextOf(canvas);
  context.strokeStyle = "#111";
  context.lineCap = "round";
  stroke.slice(from).forEach((point, k) => {
    const before = stroke[Math.max(0, from + k - 1)];
    context.beginPath();
    context.lineWidth = point.width;
    context.moveTo(before.x, before.y);
    context.lineTo(point.x + 0.01, point.y); // so that a tap alone leaves a dot
    context.stroke();
  });
}

/** White paper with strokes on it. */
export function drawStrokes(canvas, strokes) {
  const context = contextOf(canvas);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, SIZE.width, SIZE.height);
  strokes.forEach((stroke) => drawStroke(canvas, stroke));
}

/** Mount the view. */
export function mount(element, store) {
  const canvas = html("canvas", { ...SIZE, tabindex: "0", role: "img", class: "sheet",
    "aria-label": "Sheet to write an amount on. With keys: arrows move the pen, space puts it down or lifts it" });
  const pen = html("span", { class: "pen", hidden: true });
  const answer = html("div", { class: "draw-answer", role: "status" });
  const button = (label, act) => html("button", { type: "button", onclick: act }, label);
  const undo = button("Undo", () => change(() => strokes.pop()));
  const clear = button("Clear", () => change(() => strokes.splice(0)));
  const why = html("a", { href: "#why", class: "why-link", hidden: true, onclick: show }, "Why was it read like that?");
  put(element, html("h2", {}, "Draw"), html("p", {}, "Write an amount as on a check, with mouse, pen or finger: "
    + "figures one beside the other, a point before the cents. It is read when you pause. The grey lines are not sent."),
  html("div", { class: "sheet-frame" }, canvas, pen), html("p", { class: "draw-tools" }, undo, clear, why), answer);
  const strokes = [];
  const cursor = { x: 60, y: 120, down: false };
  let writing = null;
  let timer = 0;
  let turn = 0;
  let last = null;
  drawStrokes(canvas, strokes);
  said(null);

  function change(act) {
    act();
    drawStrokes(canvas, strokes);
    wait();
  }

  function lengthen(stroke, points) {
    stroke.push(...points);
    drawStroke(canvas, stroke, stroke.length - points.length);
    wait();
  }

  function wait() {
    clearTimeout(timer);
    turn += 1;
    why.hidden = true;
    undo.disabled = clear.disabled = strokes.length === 0;
    if (strokes.length) timer = setTimeout(read, PAUSE_MS);
    else said(null);
  }
  change(() => {});

  const pointOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIZE.width, y: ((event.clientY - box.top) / box.height) * SIZE.height, width: penWidth(event.pressure) };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || writing) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    writing = { id: event.pointerId, stroke: [pointOf(event)] };
    change(() => strokes.push(writing.stroke));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== writing?.id) return;
    const events = event.getCoalescedEvents?.() ?? [];
    lengthen(writing.stroke, (events.length ? events : [event]).map(pointOf));
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => {
    if (event.pointerId === writing?.id) writing = null;
  });
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if ((event.ctrlKey || event.metaKey) && event.key === "z") change(() => strokes.pop());
    else if (event.key === " ") {
      cursor.down = !cursor.down;
      if (cursor.down) change(() => strokes.push([{ ...cursor, width: PEN }]));
    } else if (move) {
      cursor.x = Math.min(SIZE.width, Math.max(0, cursor.x + KEY_STEP * move[0]));
      cursor.y = Math.min(SIZE.height, Math.max(0, cursor.y + KEY_STEP * move[1]));
      if (cursor.down && strokes.length) lengthen(strokes.at(-1), [{ ...cursor, width: PEN }]);
    } else return;
    event.preventDefault();
    pen.hidden = false;
    pen.classList.toggle("down", cursor.down);
    pen.style.left = `${(100 * cursor.x) / SIZE.width}%`;
    pen.style.top = `${(100 * cursor.y) / SIZE.height}%`;
  });
  canvas.addEventListener("blur", () => {
    pen.hidden = true;
    cursor.down = false;
  });

  async function read() {
    const mine = turn;
    try {
      const file = new File([await new Promise((done) => canvas.toBlob(done, "image/png"))], "drawn.png", { type: "image/png" });
      const reading = await api.readAmount(file, { include: "characters,alternatives", maxError: store.state.options.maxError });
      if (mine !== turn) return;
      last = { file, reading };
      why.hidden = reading.amount.decision === "not_found";
      said(reading.amount);
    } catch (error) {
      if (mine === turn) put(answer, html("p", { class: "failure" }, error.message));
    }
  }

  function said(amount) {
    if (!amount) {
      put(answer, html("p", { class: "quiet" }, "Nothing is written yet."));
      return;
    }
    const words = { accepted: "accepted", refused: "refused", not_found: "not found" }[amount.decision];
    put(answer,
      html("p", { class: `drawn-value ${amount.decision}` }, html("strong", {}, amount.text || amount.value || "–"), ` ${words}, confidence ${(100 * amount.confidence).toFixed(1)} %`),
      amount.reason && html("p", {}, amount.reason.text),
      html("ol", { class: "drawn-characters" }, ...(amount.characters ?? []).map(({ symbol, confidence, alternatives }) =>
        html("li", {}, html("b", {}, symbol), html("small", {}, `${(100 * confidence).toFixed(0)} %`),
          alternatives?.[0]?.confidence >= WORTH_SAYING && html("small", {}, `or ${alternatives[0].symbol} ${(100 * alternatives[0].confidence).toFixed(1)} %`)))));
  }

  function show() {
    store.add({ file: last.file, name: "drawing", kind: "amount", pictureUrl: URL.createObjectURL(last.file), ...SIZE, reading: last.reading });
  }
}
