// Where the units of LeNet-5 look: pure geometry over the `layers` of an explanation, from C1 up.

/** The square of patch pixels that a unit sees: {x, y, side} in patch pixels. */
export const fieldOf = (layer, row, column) => ({ x: column * layer.jump_px, y: row * layer.jump_px, side: layer.receptive_field_px });

/** The square of units of the layer below that a unit sees: {x, y, side} in units of that layer. */
export const windowOf = (layer, row, column) => ({ x: column * layer.stride_px, y: row * layer.stride_px, side: layer.kernel_px });

/** Seen from the side: which units [first, end) of each layer feed unit `column` of layers[index]; the last entry is of the patch.
 * Returns a list from layers[index] down to the patch. */
export function coneOf(layers, index, column) {
  const ranges = [[column, column + 1]];
  for (let k = index; k >= 0; k -= 1) {
    const [first, end] = ranges[ranges.length - 1];
    ranges.push([first * layers[k].stride_px, (end - 1) * layers[k].stride_px + layers[k].kernel_px]);
  }
  return ranges;
}

/** Left side of a unit drawn over the middle of what it sees, as wide as units of its layer lie apart; patch pixels. */
export const placeOf = (layer, column) => column * layer.jump_px + (layer.receptive_field_px - layer.jump_px) / 2;

/** "(32 + 2·0 − 5) / 1 + 1 = 28": how many units a layer has to a side, from `below` units. */
export const sideSum = (layer, below) =>
  `(${below} + 2·${layer.padding_px} − ${layer.kernel_px}) / ${layer.stride_px} + 1 = ${layer.side}`;
