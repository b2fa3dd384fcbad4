// What is said about each layer: LeCun, Bottou, Bengio, Haffner 1998, section II, and what the network at work here has of its own.

/** Paragraphs by the name of a layer. */
export const TEXTS = {
  patch: "The character was cut from the field at the field's own scale: digits are 20 pixels high, the patch is 32 × 32. "
    + "Black is its own ink (1), white is paper (0), orange is ink of its neighbours, which counts −0.5: so the network is told what does not belong to it.",
  filters: "The six filters of C1, learned in training. Orange weights ask for ink, blue ones for paper. A filter is laid on the patch at every place; "
    + "weight and pixel are multiplied, the 25 products summed, a bias added. The same 26 numbers serve all 784 places: weight sharing.",
  c1: "Each filter leaves a feature map: its sums, put down where they were taken. A unit sees 5 × 5 pixels; its neighbour sees the same window one pixel on "
    + "(stride 1). No zeros are set around the patch (padding 0), so the window fits in 28 places to a side. Sums below 0 are cut off (ReLU).",
  s2: "Sub-sampling. A unit takes the greatest of 2 × 2 units of its own map (stride 2: windows touch and do not overlap). What was found stays, exactly where it was "
    + "is forgotten; sides are halved. In 1998 this was a trainable average; here it is max pooling.",
  c3: "Sixteen maps of combinations. A unit sees 5 × 5 units of every map of S2, 14 × 14 pixels of the patch: enough for a bend, a crossing, an end of a stroke. "
    + "In 1998 each map saw only some maps of S2; here each sees all six.",
  s4: "Sub-sampling again, the greatest of 2 × 2. A unit now sees 16 × 16 pixels, units lie 4 pixels apart, 5 × 5 of them are left.",
  c5: "A convolution of 5 × 5 on maps of 5 × 5: one place is left, so each of the 120 maps is one unit that sees the whole patch. On a wider picture it would be a map again.",
  f6: "84 units, each connected with all of C5. In 1998 they were to draw a bitmap of 7 × 12 of the character; here they are free to find a code of their own.",
  scores: "One score for each class, by softmax a share of 100 %. “Rubbish” is a piece of a character or a pair of them; “stray” is a mark that is no character. "
    + "They let the network say no, which the segmentation above relies on.",
};

/** Names of the kinds of layers. */
export const KINDS = { convolution: "convolution", sub_sampling: "sub-sampling", fully_connected: "fully connected" };
