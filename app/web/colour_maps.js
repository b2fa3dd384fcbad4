// Numbers as colours. All three scales differ in lightness too, so that they are read without telling hues apart.

const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];
const NEIGHBOUR = [217, 119, 0]; // ink that belongs to the characters beside
const STRONG = [12, 52, 120]; // the greatest answer of a layer
const FOR_INK = [196, 78, 0];
const FOR_PAPER = [22, 82, 168];

const mix = (from, to, share) => from.map((level, k) => Math.round(level + Math.min(1, Math.max(0, share)) * (to[k] - level)));

/** The patch: own ink 1 black, paper 0 white, neighbouring ink −0.5 orange. */
export const inkColour = (value) => (value >= 0 ? mix(WHITE, BLACK, value) : mix(WHITE, NEIGHBOUR, -2 * value));

/** Answers from 0, white, to `greatest`, dark blue. */
export const answerColour = (greatest) => (value) => mix(WHITE, STRONG, value / Math.max(greatest, 1e-9));

/** Weights from −`greatest`, blue (asks for paper), over 0, white, to `greatest`, orange-brown (asks for ink). */
export const weightColour = (greatest) => (value) =>
  mix(WHITE, value > 0 ? FOR_INK : FOR_PAPER, Math.abs(value) / Math.max(greatest, 1e-9));

/** Draw `values` (rows before columns, `columns` to a row) on a canvas, one canvas pixel each; CSS enlarges it. */
export function paint(canvas, values, columns, colour) {
  canvas.width = columns;
  canvas.height = values.length / columns;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, k) => image.data.set([...colour(value), 255], 4 * k));
  context.putImageData(image, 0, 0);
}
