// Why a field was read as it was: the lattice over its ink, both paths in words, and the network on a chosen character.

import * as api from "./api.js";
import { html, put } from "./elements.js";
import { latticeView } from "./lattice_view.js";
import { mount as mountNetwork } from "./network_view.js";

const FIELDS = { amount: ["Amount", "courtesy_amount"], micr: ["MICR line", "micr_line"] };
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

const percent = (share) => `${share >= 0.9995 && share < 1 ? "more than 99.9" : share > 0 && share < 0.0005 ? "less than 0.1" : (100 * share).toFixed(1)} %`;

/** What both paths weigh, in words; a list of sentences. */
export function pathsInWords({ cuts, winner, runner_up: rival }, field) {
  const over = winner.stepped_over.length;
  return [
    `The segmenter proposed ${cuts.length} cuts, on purpose more than are needed; LeNet-5 scored the ink between them, and the grammar kept what a line can be.`,
    `The best path takes ${winner.arcs.length} characters and reads “${winner.text}”. LeNet-5 gives it ${percent(winner.posterior)} of the weight of all paths.`,
    over ? `It steps over ${over} ${over === 1 ? "piece" : "pieces"} of ink as no character (dotted).` : null,
    rival ? `The runner-up reads “${rival.text}”, ${percent(rival.posterior)}.` : "No path of another reading is left beside it.",
    `The confidence, ${percent(field.confidence)}, comes after that: ${field.raw === undefined ? "a second reader is heard and " : ""}the weight is calibrated on fields that the models had not seen.`,
  ].filter(Boolean);
}

/** Mount the view: it follows the selected item of the store while it is shown. */
export function mount(element, store) {
  const state = { item: null, name: "amount", character: 0, rival: false, asked: 0 };
  const chosen = html("div", { class: "why-field" });
  const network = html("div", { class: "network" });
  const status = html("p", { class: "why-status", role: "status" });
  put(element, html("h2", {}, "Why"), status, chosen, network);
  const chapter = mountNetwork(network);

  async function ask() {
    const { item, name } = state;
    const turn = (state.asked += 1);
    status.textContent = "Asking the service …";
    try {
      const options = { include: "explanation", character: state.character, maxError: store.state.options.maxError, page: item.page };
      const read = item.kind === "amount" ? api.readAmount(item.file, options) : api.readCheck(item.file, { ...options, fields: FIELDS[name][1] });
      const [reading, image] = await Promise.all([read, pictureOf(item)]);
      if (turn !== state.asked) return;
      status.textContent = "";
      draw(item, reading[name], image);
    } catch (error) {
      if (turn !== state.asked) return;
      status.textContent = error.message;
    }
  }

  function draw(item, field, image) {
    const explanation = field?.explanation;
    if (!explanation) {
      put(chosen, fieldChoice(item), html("p", {}, field?.reason?.text ?? "Nothing was found here, so there is no path to show."));
      put(network);
      return;
    }
    const { winner } = explanation;
    const choose = (k) => {
      state.character = k;
      ask();
    };
    const toggle = explanation.runner_up && html("button", { type: "button", class: "runner-up", "aria-pressed": String(state.rival), onclick: () => {
      state.rival = !state.rival;
      draw(item, field, image);
      chosen.querySelector(".runner-up").focus();
    } }, "Show the runner-up");
    const focused = chosen.contains(document.activeElement) && document.activeElement.closest(".characters");
    put(chosen, fieldChoice(item),
      latticeView(image, item, explanation, { character: state.character, rival: state.rival, onChoose: choose }),
      html("p", { class: "key" }, html("span", { class: "key-cut" }, "candidate cut"), html("span", { class: "key-arc" }, "character of the winning path"),
        state.rival && html("span", { class: "key-other" }, "where the runner-up differs"), winner.stepped_over.length ? html("span", { class: "key-over" }, "stepped over") : null, toggle),
      ...pathsInWords(explanation, field).map((sentence) => html("p", {}, sentence)),
      characterChoice(winner, state.character, choose));
    if (focused) chosen.querySelector(".characters [aria-checked=true]")?.focus();
    if (explanation.network) chapter.show(explanation.network);
    else put(network, html("p", {}, explanation.network_missing ?? "There is no character to show the network on."));
  }

  function fieldChoice(item) {
    if (item.kind === "amount") return null;
    return html("div", { class: "fields", role: "group", "aria-label": "Field" }, ...Object.entries(FIELDS).map(([name, [label]]) =>
      html("button", { type: "button", "aria-pressed": String(name === state.name), onclick: () => {
        Object.assign(state, { name, character: 0 });
        ask();
      } }, label)));
  }

  function follow() {
    const item = store.selected();
    if (location.hash !== "#why" || item === state.item) return;
    Object.assign(state, { item, name: "amount", character: 0, rival: false });
    put(chosen);
    put(network);
    if (item) ask();
    else put(status, "Choose a picture of a check above, or write an amount under ", html("a", { href: "#draw" }, "Draw"), " first.");
  }
  store.subscribe(follow);
  addEventListener("hashchange", follow);
  state.item = undefined;
  follow();
}

/** The characters of the winning path as one group of choices: arrow keys move. */
function characterChoice(winner, character, choose) {
  const keys = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    choose((character + step + winner.arcs.length) % winner.arcs.length);
  };
  return html("div", { class: "characters", role: "radiogroup", "aria-label": "Character that the network is shown on", onkeydown: keys },
    ...winner.arcs.map((arc, k) => html("button", { type: "button", role: "radio", "aria-checked": String(k === character),
      tabindex: k === character ? "0" : "-1", onclick: () => choose(k), "aria-label": `Character ${k + 1}: ${arc.symbol}, ${percent(arc.probability)}` }, arc.symbol)));
}

/** The picture of an item, decoded. */
async function pictureOf(item) {
  const image = new Image();
  image.src = item.pictureUrl;
  await image.decode();
  return image;
}
