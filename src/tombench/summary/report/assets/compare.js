/* Two runs that answered the same items, beside each other: the picker and what it says. */

const CERTAIN = 0.05; // the family's rate of false alarms that the sentences are worded for
const MANY = 300; // pairs that the table below still tells whole

const picker = { parts: null };

routes.compare = (parameters, section) => {
  const at = section.querySelector("#picker") ?? section;
  try {
    showPicker(at, parameters.get("a"), parameters.get("b"));
  } catch (error) {
    at.replaceChildren(complaint(error));
  }
};

function showPicker(at, askedA, askedB) {
  const { runs, pairs, notes } = theIndex();
  if (!pairs.length) {
    const why = element("p", {}, "No two of these runs answered the same items: none is compared.");
    at.replaceChildren(why, ...notesTold(notes));
    return;
  }
  const a = runs.has(askedA) ? askedA : pairs[0].a;
  const partners = partnersOf(a);
  const b = askedB ?? [...partners.keys()][0] ?? null;
  picker.parts ??= pickerParts(at);
  const { parts } = picker;
  offerPicks(a, b, partners);
  parts.said.replaceChildren(...pairTold(a, b, partners.get(b)));
  const shown = pairs.length > MANY ? pairs.filter((pair) => pair.a === a || pair.b === a) : pairs;
  const key = pairs.length > MANY ? a : "all";
  if (parts.table.dataset.of !== key) parts.table.replaceChildren(pairTable(shown, a, pairs.length));
  parts.table.dataset.of = key;
}

function pickerParts(at) {
  const { notes } = theIndex();
  const parts = {
    a: element("select", { id: "compare-a", onchange: () => pick(parts.a.value, null) }),
    b: element("select", { id: "compare-b", onchange: () => pick(parts.a.value, parts.b.value) }),
    said: element("div", { class: "pair", role: "status", "aria-live": "polite" }),
    table: element("div", { class: "pairs" }),
  };
  const asked = (name, select) =>
    element("div", { class: "asked" }, element("label", { for: select.id }, name), select);
  const turn = { type: "button", onclick: () => pick(parts.b.value, parts.a.value) };
  const swap = element("button", turn, "Swap");
  const form = element(
    "form",
    { class: "ask", onsubmit: (event) => event.preventDefault() },
    asked("Run A", parts.a),
    asked("Run B", parts.b),
    swap,
  );
  at.replaceChildren(form, parts.said, parts.table, ...notesTold(notes));
  return parts;
}

function notesTold(notes) {
  if (!notes.length) return [];
  const lines = notes.map((note) => element("li", {}, note));
  return [element("h2", {}, "About these comparisons"), element("ul", { class: "notes" }, ...lines)];
}

function pick(a, b) {
  goto("compare", new URLSearchParams(b ? { a, b } : { a }));
}

/** The runs that share their items with one, each with their pair seen from it. */
function partnersOf(key) {
  const partners = new Map();
  for (const pair of theIndex().pairs) {
    if (pair.a === key) partners.set(pair.b, pair);
    if (pair.b === key) partners.set(pair.a, turned(pair));
  }
  return partners;
}

/** The same pair, the second run named first. */
function turned(pair) {
  return {
    ...pair,
    a: pair.b,
    b: pair.a,
    difference: -pair.difference,
    low: pair.high === null ? null : -pair.high,
    high: pair.low === null ? null : -pair.low,
    dz: pair.dz === null ? null : -pair.dz,
    only_first: pair.only_second,
    only_second: pair.only_first,
  };
}

/** Every run as A; as B those that share items with A, the others greyed. */
function offerPicks(a, b, partners) {
  const { runs } = theIndex();
  const { parts } = picker;
  if (!parts.a.firstChild) parts.a.replaceChildren(...runOptions([...runs.values()]));
  parts.a.value = a;
  parts.b.replaceChildren(...runOptions([...runs.values()].filter((run) => run.key !== a)));
  for (const option of parts.b.querySelectorAll("option")) {
    option.disabled = !partners.has(option.value);
    if (option.disabled) option.textContent += " (not the same items)";
  }
  parts.b.value = b ?? "";
}

/** All that is known of one pair: sentences, the interval drawn, numbers, the table of four. */
function pairTold(a, b, pair) {
  const { runs } = theIndex();
  if (!pair) {
    const other = runs.has(b) ? runName(runs.get(b)) : "No other run";
    const why = b && runs.has(b) ? "did not answer the same items as" : "shares its items with";
    return [element("p", {}, `${other} ${why} ${runName(runs.get(a))}; they are not compared.`)];
  }
  const names = [pair.a, pair.b].map((key) => runName(runs.get(key)));
  const told = [intervalDrawn(pair), pairNumbers(pair), ...pairSentences(pair, names)];
  if (pair.only_first !== null) told.push(fourTable(pair, names));
  const both = new URLSearchParams({ run: pair.a, b: pair.b, disagree: 1 });
  told.push(element("p", {}, inner("records", both, "Records where their scores differ")));
  return told;
}

function pairNumbers(pair) {
  const interval = intervalText(pair);
  return definitions([
    ["difference A − B", decimal(pair.difference, 3)],
    ["95 % interval", interval],
    ["d_z", decimal(pair.dz)],
    ["items", count(pair.items)],
    ["clusters", count(pair.clusters)],
    ["permutation p", probability(pair.p_permutation)],
    [`Holm over ${count(pair.family)}`, probability(pair.holm)],
    ["McNemar p (exact)", probability(pair.p_mcnemar)],
    ["least detectable", decimal(pair.detectable, 3)],
  ]);
}

/** What the numbers mean, and what they do not. */
function pairSentences(pair, [first, second]) {
  const size = decimal(Math.abs(pair.difference), 3);
  const way = pair.difference > 0 ? "higher than" : "lower than";
  const even = `${first} and ${second} have the same mean score`;
  const over = `, over ${count(pair.clusters)} clusters of ${count(pair.items)} items.`;
  const told = [(pair.difference === 0 ? even : `${first} scores ${size} ${way} ${second}`) + over];
  if (pair.low === null) {
    told.push("All clusters differ alike: these answers do not tell how large the true difference is.");
  } else if (pair.holm < CERTAIN) {
    told.push(
      `Chance alone would seldom give this: p ${equals(pair.holm)} after Holm’s adjustment for ` +
        `${count(pair.family)} pairs. A small p says that there is a difference, not that it is large.`,
    );
  } else {
    const least = pair.detectable === null ? "" : leastTold(pair.detectable);
    told.push(
      `This can be chance: p ${equals(pair.holm)} after Holm’s adjustment for ` +
        `${count(pair.family)} pairs. Not significant is not equal: by this pair alone, not ` +
        `adjusted, true differences from ${intervalText(pair)} agree with these answers.${least}`,
    );
  }
  if (pair.only_first !== null && pair.items > pair.clusters) {
    told.push(
      "McNemar’s test takes items as independent. Items of one cluster are not; " +
        "the permutation test allows for it.",
    );
  }
  return told.map((sentence) => element("p", {}, sentence));
}

function leastTold(detectable) {
  return ` A true difference below ${decimal(detectable, 3)} is missed more than one time in five.`;
}

function equals(p) {
  return p < 0.001 ? probability(p) : `= ${probability(p)}`;
}

/** Who got how many items right: each number leads to its records. */
function fourTable(pair, [first, second]) {
  const { a, b } = pair;
  const cell = (number, run, other, right, disagree) => {
    const address = new URLSearchParams([["run", run], ...right.map((each) => ["right", each])]);
    address.append("b", other);
    address.append("disagree", disagree);
    return element("td", { class: "number" }, inner("records", address, count(number)));
  };
  const not = ["wrong", "unparsed"];
  const head = (scope, text) => element("th", { scope }, text);
  return element(
    "table",
    { class: "four" },
    element("caption", {}, `Items that each got right: ${first} (A), ${second} (B)`),
    element("tr", {}, element("td", {}), head("col", "B right"), head("col", "B not right")),
    element(
      "tr",
      {},
      head("row", "A right"),
      cell(pair.both, a, b, ["right"], 0),
      cell(pair.only_first, a, b, ["right"], 1),
    ),
    element(
      "tr",
      {},
      head("row", "A not right"),
      cell(pair.only_second, b, a, ["right"], 1),
      cell(pair.neither, a, b, not, 0),
    ),
  );
}
