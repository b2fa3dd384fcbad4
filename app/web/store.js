// What the views share: the pictures with their readings, which one is selected, and the options.

/** A store. Returns {state: {items, selectedId, options: {maxError}}, subscribe, add, update, select, selected}.
 * An item is {id, file, name, kind: "check" | "amount", pictureUrl, width, height (pixels), page, reading, failure}. */
export function createStore() {
  const listeners = new Set();
  const state = { items: [], selectedId: null, options: { maxError: undefined } };
  const tell = () => listeners.forEach((listener) => listener(state));
  let next = 1;
  return {
    state,
    /** Be told of every change; returns a function that ends it. */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Take in a picture, and select it; returns the item. */
    add(values) {
      const item = { kind: "check", page: 0, reading: null, failure: null, ...values, id: next++ };
      state.items = [...state.items, item];
      state.selectedId = item.id;
      tell();
      return item;
    },
    /** Change fields of an item. */
    update(item, values) {
      Object.assign(item, values);
      tell();
    },
    /** Select an item by its id. */
    select(id) {
      state.selectedId = id;
      tell();
    },
    /** The selected item, or null. */
    selected: () => state.items.find((item) => item.id === state.selectedId) ?? null,
  };
}
