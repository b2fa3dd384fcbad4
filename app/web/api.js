// The only module that talks to the service.

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The service does not answer. Is it running?");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Error(problem.detail || problem.title || `The service answered ${response.status}.`);
}

async function read(path, file, { maxError, include, character, fields, page }) {
  const asked = Object.entries({ max_error: maxError, include, character, fields, page }).filter(([, value]) => value !== undefined);
  const body = new FormData();
  body.append("image", file, "image");
  return (await send(`${path}?${new URLSearchParams(asked)}`, { method: "POST", body })).json();
}

/** The reading of a whole check; `options`: {maxError, include, character, fields, page} as the parameters of the API. */
export const readCheck = (file, options = {}) => read("/v1/checks", file, options);

/** The reading of a cut-out amount; options as `readCheck`, without fields. */
export const readAmount = (blob, options = {}) => read("/v1/fields/courtesy-amount", blob, options);
