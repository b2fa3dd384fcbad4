// The page: views by location hash, and the choice of a picture.

import { mount as mountDraw } from "./draw_view.js";
import { createStore } from "./store.js";
import { mount as mountWhy } from "./why_view.js";

const store = createStore();
const views = { why: mountWhy, draw: mountDraw };
const sections = Object.keys(views).map((name) => document.getElementById(name));

function show() {
  const name = location.hash.slice(1) in views ? location.hash.slice(1) : "why";
  if (location.hash !== `#${name}`) location.replace(`#${name}`);
  sections.forEach((section) => { section.hidden = section.id !== name; });
  document.querySelectorAll("nav a").forEach((link) => link.toggleAttribute("aria-current", link.hash === `#${name}`));
}

async function take(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode();
  store.add({ file, name: file.name, pictureUrl: image.src, width: image.naturalWidth, height: image.naturalHeight });
}

document.getElementById("file").addEventListener("change", (event) => [...event.target.files].forEach(take));
addEventListener("hashchange", show);
show();
Object.entries(views).forEach(([name, mount]) => mount(document.getElementById(name), store));
