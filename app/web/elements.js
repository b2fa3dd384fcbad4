// Elements of HTML and SVG with attributes and text; text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Fill an element: attributes (those that are null or false are left out; true stands without a value), then children. */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  return put(element, ...children);
}

/** Put children in the place of what an element holds; null, undefined, false and "" are left out. Returns the element. */
export function put(element, ...children) {
  element.replaceChildren(...children.filter((child) => child || child === 0));
  return element;
}

/** An HTML element. `attributes`: name → value, `onclick` and the like are listeners; children are nodes or text. */
export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element, as `html`. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}
