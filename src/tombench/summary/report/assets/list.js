/* The list of records: one page of rows, its buttons, and the keys that go through it. */

const FIRST_WORDS = 160; // characters of a response that a row begins to tell
const HEADER = ["Score", "Record", "Condition", "Answer", "Target", "Response"];

/** Draws the page of the view, unless it stands there already. */
function showList(view, last, at) {
  const same = last && last.found === view.found && last.wanted.page === view.wanted.page;
  if (!same || last.rows !== view.rows || last.texts !== view.texts || !at.firstChild) {
    at.replaceChildren(...(view.found.length ? listParts(view) : [nothingFound()]));
  }
  for (const each of at.querySelectorAll("tr[data-row]")) {
    const chosen = Number(each.dataset.row) === view.wanted.open;
    each.setAttribute("aria-selected", chosen);
    if (chosen) each.scrollIntoView({ block: "nearest" });
  }
  if (explorer.focusList) at.querySelector('tr[tabindex="0"]')?.focus();
  explorer.focusList = false;
}

function nothingFound() {
  return element("p", { class: "quiet" }, "No record passes these filters.");
}

function listParts(view) {
  const start = (view.wanted.page - 1) * PAGE;
  const varying = [...view.rows.condition.entries()]
    .filter(([, { levels }]) => levels.length > 1)
    .map(([factor]) => factor);
  const rows = [...view.found.subarray(start, start + PAGE)].map((row) => listRow(view, row, varying));
  rows[0].tabIndex = 0;
  const table = element(
    "table",
    { class: "records", role: "grid", "aria-rowcount": view.found.length, onkeydown: listKey },
    element("caption", { class: "unseen" }, "Records; Enter opens one, arrow keys go through them"),
    element("thead", {}, element("tr", {}, ...HEADER.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...rows),
  );
  return view.pages > 1 ? [pager(view), table, pager(view)] : [table];
}

function listRow(view, row, varying) {
  const { rows, texts } = view;
  const told = (name, ...children) => element("td", { "data-name": name }, ...children);
  const condition = varying.map((factor) => {
    const { levels, at } = rows.condition.get(factor);
    return levels[at[row]];
  });
  const open = () => change({ page: explorer.view.wanted.page, open: row });
  return element(
    "tr",
    { role: "row", "data-row": row, tabindex: "-1", "aria-selected": "false", onclick: open },
    told("Score", verdictMark(rows, row)),
    told("Record", element("code", {}, rows.id(row))),
    told("Condition", condition.filter(Boolean).join(" · ")),
    told("Answer", rows.level("answer", row) || "–"),
    told("Target", rows.level("target", row) || "–"),
    told("Response", firstWords(rows.text[row], texts)),
  );
}

/** A mark and a word: colour alone tells nothing. */
function verdictMark(rows, row) {
  let verdict = rows.verdict[row];
  const known = rows.score[row];
  const score = Number.isNaN(known) ? "not known" : Number(known.toPrecision(4));
  if (!rows.level("target", row) && verdict < UNPARSED) verdict = UNSCORED; // nothing to be right about
  const words = { [PARTLY]: `partly (${score})`, [UNSCORED]: `score ${score}` };
  const word = words[verdict] ?? VERDICTS[verdict];
  const mark = element("span", { "aria-hidden": "true" }, MARKS[verdict]);
  return element("span", { class: `verdict ${VERDICTS[verdict]}` }, mark, ` ${word}`);
}

function firstWords(place, texts) {
  if (place < 0 || !texts) return element("span", { class: "quiet" }, "not in this file");
  const response = String(texts.at(place).response);
  const more = response.length > FIRST_WORDS ? " …" : "";
  return response.slice(0, FIRST_WORDS).trim().replace(/\s*\n\s*/g, " ⏎ ") + more;
}

/** Buttons to other pages: the first, the last, and those around this one. */
function pager({ wanted: { page }, pages, found }) {
  const near = [1, page - 1, page, page + 1, pages].filter((each) => each >= 1 && each <= pages);
  const parts = [];
  let last = 0;
  for (const each of [...new Set(near)]) {
    if (each > last + 1) parts.push(element("span", { "aria-hidden": "true" }, "…"));
    const label = `Page ${count(each)}`;
    const current = each === page ? { "aria-current": "page" } : {};
    const go = { type: "button", "aria-label": label, onclick: () => turnTo(each), ...current };
    parts.push(element("button", go, count(each)));
    last = each;
  }
  const step = (text, to, label) => {
    const disabled = to < 1 || to > pages;
    const go = { type: "button", "aria-label": label, disabled, onclick: () => turnTo(to) };
    return element("button", go, text);
  };
  const end = Math.min(page * PAGE, found.length);
  const where = `${count((page - 1) * PAGE + 1)}–${count(end)} of ${count(found.length)}`;
  return element(
    "nav",
    { class: "pager", "aria-label": "Pages of records" },
    step("‹", page - 1, "Page before"),
    ...parts,
    step("›", page + 1, "Next page"),
    element("span", { class: "quiet" }, where),
  );
}

function turnTo(page) {
  const { view } = explorer;
  if (page >= 1 && page <= view.pages) change({ page, open: view.wanted.open }, true);
}

/** Arrow keys within the list. */
function listKey(event) {
  const row = event.target.closest("tr[data-row]");
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const { page } = explorer.view.wanted;
  const keys = {
    ArrowDown: () => focusRow(row, row.nextElementSibling),
    ArrowUp: () => focusRow(row, row.previousElementSibling),
    ArrowRight: () => turnAndFocus(page + 1),
    ArrowLeft: () => turnAndFocus(page - 1),
    Enter: () => row.click(),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
}

function focusRow(from, to) {
  if (!to) return;
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

function turnAndFocus(page) {
  explorer.focusList = true;
  turnTo(page);
}
