/* Which records are meant: read from the address, found in one pass over columns of numbers. */

const PAGE = 50; // rows of the list that stand on the page at once
const SCORES = ["right (1)", "partly", "wrong (0)", "unparsed", "no score"];
const ALONE = ["run", "b", "q", "page", "open"]; // keys of the address that are no filters

/** What an address asks for. `only` maps a filter's key to the levels that are let through. */
function wantedOf(parameters) {
  const only = new Map();
  for (const [key, level] of parameters) {
    if (ALONE.includes(key)) continue;
    if (key !== "right" && key !== "disagree" && !key.startsWith("only.")) continue;
    only.set(key, (only.get(key) ?? new Set()).add(level));
  }
  const whole = (key, otherwise) => {
    const number = Number.parseInt(parameters.get(key) ?? "", 10);
    return number >= 0 ? number : otherwise;
  };
  return {
    run: parameters.get("run"),
    b: parameters.get("b"),
    q: parameters.get("q") ?? "",
    page: Math.max(1, whole("page", 1)),
    open: whole("open", null),
    only,
  };
}

/** The address of what is asked for: `wantedOf` turned round. */
function parametersOf({ run, b, q, page, open, only }) {
  const parameters = new URLSearchParams();
  if (run) parameters.append("run", run);
  for (const [key, levels] of only) {
    for (const level of levels) parameters.append(key, level);
  }
  if (b) parameters.append("b", b);
  if (q) parameters.append("q", q);
  if (page > 1) parameters.append("page", page);
  if (open !== null) parameters.append("open", open);
  return parameters;
}

/** All that records can be filtered by: key, name, levels, and each row's level. */
function facetsOf(rows, agreement) {
  const scores = { levels: VERDICTS, names: SCORES, at: rows.verdict };
  const facets = [{ key: "right", name: "score", ...scores, listed: true }];
  if (agreement) {
    const names = ["scores differ", "scores are the same", "not answered by it"];
    facets.push({ key: "disagree", name: "beside the other run", names, ...agreement, listed: true });
  }
  const own = COLUMNS.filter((name) => !rows.condition.has(name));
  for (const name of [...rows.condition.keys(), ...own]) {
    const listed = name !== "cluster" && name !== "item";
    facets.push({ key: `only.${name}`, name: name === "needs_review" ? "needs review" : name, ...rows.named(name), listed });
  }
  return facets;
}

/** The facets, and those that an address names further: repetition, or factors joined. */
function withNamed(facets, rows, only) {
  const known = new Set(facets.map((facet) => facet.key));
  const further = [...only.keys()].filter((key) => key.startsWith("only.") && !known.has(key));
  const found = further.flatMap((key) => {
    const name = key.replace("only.", "");
    const column = rows.named(name);
    return column ? [{ key, name, ...column, listed: false }] : [];
  });
  return found.length ? [...facets, ...found] : facets;
}

/** How a level of a facet is told. */
function levelName(facet, place) {
  return (facet.names ?? facet.levels)[place] || "(none)";
}

/** Of each level whether it is let through; null where all are. */
function mask(facet, levels) {
  if (!levels) return null;
  return Uint8Array.from(facet.levels, (level) => levels.has(level));
}

/**
 * The rows that every filter lets through, in their order, and of each facet how many rows each
 * level would give with the other filters as they are.
 */
function select(rows, facets, only, hits) {
  const masks = facets.map((facet) => mask(facet, only.get(facet.key)));
  const active = masks.flatMap((each, place) => (each ? [place] : []));
  const counts = facets.map((facet) => new Uint32Array(facet.levels.length));
  const found = new Uint32Array(rows.n);
  let length = 0;
  for (let row = 0; row < rows.n; row++) {
    if (hits && !hits[row]) continue;
    let refused = 0;
    let by = -1;
    for (const place of active) {
      if (masks[place][facets[place].at[row]]) continue;
      by = place;
      refused += 1;
      if (refused > 1) break;
    }
    if (refused === 1) counts[by][facets[by].at[row]] += 1;
    if (refused) continue;
    found[length++] = row;
    for (let place = 0; place < facets.length; place++) {
      counts[place][facets[place].at[row]] += 1;
    }
  }
  return { found: found.subarray(0, length), counts };
}

/** Of each row whether its id, answer, prompt or response has the text in it; null for no text. */
function search(rows, texts, text) {
  if (!text) return null;
  const needle = text.toLowerCase();
  const has = (each) => String(each).toLowerCase().includes(needle);
  const answers = rows.answer.levels.map(has);
  const prompts = texts?.prompts.map(has);
  const responses = texts?.block.response.map(has);
  const hits = new Uint8Array(rows.n);
  for (let row = 0; row < rows.n; row++) {
    const place = rows.text[row];
    const told = place >= 0 && texts;
    hits[row] =
      answers[rows.answer.at[row]] ||
      (told && (responses[place] || prompts[texts.block.prompt.at[place]])) ||
      has(rows.id(row));
  }
  return hits;
}
