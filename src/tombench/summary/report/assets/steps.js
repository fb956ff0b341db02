/* From one record to another: the next and the one before, the same item in other runs, by keys. */

/** The place of a row among those found, which ascend; -1 where it is not one of them. */
function placeOf(found, row) {
  const place = lowerBound(found, row);
  return found[place] === row ? place : -1;
}

function lowerBound(found, row) {
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (found[middle] < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place among those found, one on (1) or back (-1) from a row; null at the ends. */
function stepFrom(found, row, by) {
  const near = lowerBound(found, row);
  const to = by < 0 ? near - 1 : near + (found[near] === row ? 1 : 0);
  return to >= 0 && to < found.length ? to : null;
}

/** Opens the next record of those found, or the one before; the first of the page if none is open. */
function stepRecord(by) {
  const { found, wanted } = explorer.view;
  const first = (wanted.page - 1) * PAGE;
  const place = wanted.open === null ? first : stepFrom(found, wanted.open, by);
  if (place === null || place >= found.length) return;
  change({ open: found[place], page: Math.floor(place / PAGE) + 1 }, true);
}

function closeDetail() {
  const { wanted } = explorer.view;
  const row = wanted.open;
  change({ page: wanted.page }, true);
  const at = explorer.parts.list.querySelector(`tr[data-row="${row}"]`);
  if (at) focusRow(explorer.parts.list.querySelector('tr[tabindex="0"]') ?? at, at);
}

/** Keys of the whole page of records, where nothing is being typed. */
function explorerKey(event) {
  if (explorer.section.offsetParent === null || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented || !explorer.view || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  const keys = {
    "/": () => explorer.parts.q.focus(),
    j: () => stepRecord(1),
    k: () => stepRecord(-1),
    Escape: () => explorer.view.wanted.open !== null && closeDetail(),
  };
  if (event.key === "Escape" && typing) event.target.blur();
  if (typing || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
}

let elsewhereOpen = false; // stays as the reader left it, from record to record

/** The same item in the other runs of the task: links, looked up when they are asked for. */
function elsewhere(view, row) {
  const { run } = view.rows;
  const others = [...theIndex().runs.values()].filter(
    (other) => other.task === run.task && other.key !== run.key,
  );
  if (!others.length) return "";
  const list = element("ul", {});
  const summary = `The same item in other runs of ${run.task} (${count(others.length)})`;
  const folded = element(
    "details",
    { class: "elsewhere", open: elsewhereOpen },
    element("summary", {}, summary),
    list,
  );
  const fill = () => {
    elsewhereOpen = folded.open;
    if (folded.open && !list.firstChild) fillElsewhere(list, others, view.rows, row);
  };
  folded.addEventListener("toggle", fill);
  if (elsewhereOpen) fill();
  return folded;
}

async function fillElsewhere(list, others, rows, row) {
  for (const run of others) {
    const line = element("li", {}, runName(run), " ");
    list.append(line);
    try {
      const there = await rowsOf(run.key);
      const id = rows.id(row);
      const found = there.find(id, rows.level("item", row), rows.repetition[row]);
      line.replaceChildren(...elsewhereLine(there, found, rows.run));
    } catch (error) {
      line.append(complaint(error));
    }
  }
}

function elsewhereLine(there, row, run) {
  if (row < 0) return [`${runName(there.run)}: not among its records here`];
  const address = new URLSearchParams({ run: there.run.key, b: run.key, open: row });
  const link = inner("records", address, runName(there.run));
  return [link, ": ", verdictMark(there, row), " ", element("q", {}, there.level("answer", row))];
}
