/* The explorer of records: which run, which of its records, and the list of them. */

const explorer = { turn: 0, view: null, parts: null };

routes.records = async (parameters, section) => {
  explorer.section = section;
  explorer.parts ??= explorerParts(section);
  const turn = ++explorer.turn;
  try {
    const view = await viewOf(wantedOf(parameters));
    if (turn === explorer.turn) showView(view);
  } catch (error) {
    if (turn === explorer.turn) refuseView(error);
  }
};

/** What the page shows of an address: rows, texts, filters, and what is found. */
async function viewOf(wanted) {
  const { runs } = theIndex();
  const first = runs.keys().next();
  if (first.done) throw new Unreadable("There are no runs in this report.");
  wanted.run ??= first.value;
  const rows = await rowsOf(wanted.run);
  const [texts, trouble] = await orNothing(textsOf(wanted.run));
  const other = wanted.b && wanted.b !== wanted.run ? await otherRun(wanted.b) : null;
  const last = explorer.view;
  const same = last?.rows === rows && last.other?.rows === other?.rows;
  const agreement = same ? last.agreement : other && rows.agreement(other.rows);
  const facets = withNamed(same ? last.facets : facetsOf(rows, agreement), rows, wanted.only);
  const view = { wanted, rows, texts, trouble, other, agreement, facets };
  const { found, counts } = selectOnce(view, same ? last : null);
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  wanted.page = Math.min(wanted.page, pages);
  return { ...view, found, counts, pages };
}

/** What `select` finds; the last view's, where the filters are the same. */
function selectOnce(view, last) {
  const asked = (one) => `${parametersOf({ ...one.wanted, page: 1, open: null })}`;
  if (last && last.texts === view.texts && asked(last) === asked(view)) return last;
  const hits = search(view.rows, view.texts, view.wanted.q);
  return select(view.rows, view.facets, view.wanted.only, hits);
}

async function otherRun(key) {
  const rows = await rowsOf(key);
  const [texts, trouble] = await orNothing(textsOf(key));
  return { rows, texts, trouble };
}

/** What was promised, and no trouble; or nothing, and what the trouble is. */
async function orNothing(promised) {
  try {
    return [await promised, null];
  } catch (error) {
    return [null, error];
  }
}

/** The parts of the page that stay while runs and filters change. */
function explorerParts(section) {
  const at = section.querySelector("#explorer") ?? section;
  const parts = {
    run: element("select", { id: "records-run", onchange: () => chooseRun(parts.run.value) }),
    b: element("select", { id: "records-b", onchange: () => change({ b: parts.b.value || null }) }),
    q: element("input", { id: "records-q", type: "search", oninput: typed, spellcheck: "false" }),
    told: element("p", { class: "told", role: "status", "aria-live": "polite" }),
    chips: element("div", { class: "chips" }),
    facets: element("details", { class: "facets" }, element("summary", {}, "Filters")),
    list: element("div", { class: "list" }),
    detail: element("aside", { class: "detail", "aria-label": "Record", tabindex: "-1" }),
  };
  const asked = (label, id, input) =>
    element("div", { class: "asked" }, element("label", { for: id }, label), input);
  const form = element(
    "form",
    { class: "ask", role: "search", onsubmit: (event) => event.preventDefault() },
    asked("Run", "records-run", parts.run),
    asked("Beside", "records-b", parts.b),
    asked("Search", "records-q", parts.q),
  );
  parts.facets.open = window.matchMedia("(min-width: 64rem)").matches;
  parts.detail.hidden = true;
  parts.body = element("div", { class: "explorer" }, parts.facets, parts.list, parts.detail);
  at.replaceChildren(form, parts.told, parts.chips, parts.body);
  document.addEventListener("keydown", (event) => explorerKey(event));
  return parts;
}

function showView(view) {
  const { parts } = explorer;
  const last = explorer.view;
  explorer.view = view;
  parts.body.hidden = false;
  if (last?.wanted.run !== view.wanted.run || last?.wanted.b !== view.wanted.b) offerRuns(view);
  if (document.activeElement !== parts.q) parts.q.value = view.wanted.q;
  if (last?.facets !== view.facets) {
    parts.filters = new Facets(view.facets, chooseLevel);
    parts.facets.replaceChildren(element("summary", {}, "Filters"), parts.filters.at);
  }
  parts.filters.update(view.wanted.only, view.counts);
  parts.chips.replaceChildren(...chips(view, removeFilter));
  parts.told.replaceChildren(...countsTold(view));
  showList(view, last, parts.list);
  showDetail(view, last, parts.detail);
}

function refuseView(error) {
  const { parts } = explorer;
  explorer.view = null;
  parts.told.replaceChildren(complaint(error));
  parts.chips.replaceChildren();
  parts.body.hidden = true;
  offerRuns({ wanted: { run: null, b: null } });
}

/** How many records are shown, of how many; and what of them is not in this file. */
function countsTold({ rows, found, texts, trouble, other, wanted, facets }) {
  const whole = `${count(found.length)} of ${count(rows.n)} records`;
  const told = [element("strong", {}, whole)];
  const sample = ` (a sample: the run has ${count(rows.of)})`;
  told.push(rows.n < rows.of ? sample : "", "; ");
  told.push(`texts of ${count(texts ? rows.told : 0)} are in this file.`);
  if (wanted.q) told.push(" The search reads all ids and answers, and the texts that are here.");
  for (const key of unknownFilters({ wanted, facets })) {
    const why = key === "disagree" ? "no other run is chosen" : "these records have no such factor";
    told.push(` The filter ${visible(key.replace("only.", ""))} does nothing: ${why}.`);
  }
  for (const each of [trouble, other?.trouble]) if (each) told.push(complaint(each));
  return told;
}

/** The runs by task, and those of the same task to set beside the chosen one. */
function offerRuns({ wanted }) {
  const { parts } = explorer;
  let runs;
  try {
    runs = [...theIndex().runs.values()];
  } catch {
    return; // the complaint is on the page
  }
  parts.run.replaceChildren(...runOptions(runs));
  parts.run.value = wanted.run ?? "";
  const task = theIndex().runs.get(wanted.run)?.task;
  const others = runs.filter((run) => run.task === task && run.key !== wanted.run);
  parts.b.replaceChildren(element("option", { value: "" }, "no other run"), ...runOptions(others));
  parts.b.value = wanted.b ?? "";
  parts.b.disabled = others.length === 0;
}

function runOptions(runs) {
  const tasks = new Map();
  for (const run of runs) {
    if (!tasks.has(run.task)) tasks.set(run.task, element("optgroup", { label: run.task }));
    tasks.get(run.task).append(element("option", { value: run.key }, runName(run)));
  }
  return [...tasks.values()];
}

/** A run as it is told in one line. */
function runName(run) {
  return run.how && !run.label.includes(run.how) ? `${run.label} · ${run.how}` : run.label;
}

/** Asks for something else than the view has; the first page, nothing open, if not told. */
function change(changes, replace = false) {
  const wanted = { ...explorer.view?.wanted, page: 1, open: null, ...changes };
  const parameters = parametersOf({ only: new Map(), q: "", run: null, b: null, ...wanted });
  if (replace) location.replace(`#/records?${parameters}`);
  else goto("records", parameters);
}

function chooseRun(run) {
  const { runs } = theIndex();
  const wanted = explorer.view?.wanted;
  const same = runs.get(run)?.task === runs.get(wanted?.run)?.task;
  const b = same && wanted.b !== run ? wanted.b : null;
  change({ run, b, ...(same ? {} : { only: new Map() }) });
}

function chooseLevel(key, level, chosen) {
  const only = new Map(explorer.view.wanted.only);
  const levels = new Set(only.get(key));
  if (chosen) levels.add(level);
  else levels.delete(level);
  if (levels.size) only.set(key, levels);
  else only.delete(key);
  change({ only });
}

function removeFilter(key) {
  const only = new Map(explorer.view.wanted.only);
  if (key === null) only.clear();
  else only.delete(key);
  change({ only });
}

let waiting = 0;

function typed() {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(() => change({ q: explorer.parts.q.value }, true), 150);
}
