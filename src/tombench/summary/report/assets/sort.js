/* Tables sorted by a column: numbers as numbers, and what is missing last, whichever way. */

const LEADING = /^[^\d\-+−.]{0,3}([-+−]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+−]?\d+)?)/i;

/** A cell's number, or null where it does not begin with one. */
function leadingNumber(text) {
  const found = LEADING.exec(text.trim());
  return found ? Number(found[1].replaceAll("−", "-").replaceAll(",", "")) : null;
}

function cellText(row, column) {
  return (row.cells[column]?.textContent ?? "").trim();
}

function isMissing(text) {
  return text === "" || text === "–" || text === "—";
}

/** Rows in the order of a column: by number where every cell that says something has one. */
function orderedRows(rows, column, descending) {
  const texts = rows.map((row) => cellText(row, column));
  const told = texts.filter((text) => !isMissing(text));
  const numeric = told.every((text) => leadingNumber(text) !== null);
  const collator = new Intl.Collator("en", { numeric: true });
  const compare = numeric
    ? (a, b) => leadingNumber(texts[a]) - leadingNumber(texts[b])
    : (a, b) => collator.compare(texts[a], texts[b]);
  const places = rows.map((_, place) => place);
  places.sort((a, b) => {
    const missing = isMissing(texts[a]) - isMissing(texts[b]);
    return missing || (descending ? -compare(a, b) : compare(a, b)) || a - b;
  });
  return places.map((place) => rows[place]);
}

/** Sort every body of a table by itself; a body's first row may name its group and stays. */
function sortTable(table, column, descending) {
  for (const body of table.tBodies) {
    const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
    for (const row of rows) row.classList.remove("ruled"); // a rule parts what stood together
    body.append(...orderedRows(rows, column, descending));
  }
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    if (place === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}

/** Headings become buttons: up, then down; numbers the greatest first. */
function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if ("unsorted" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const sorted = head.getAttribute("aria-sort");
      const first = head.classList.contains("number") ? "descending" : "ascending";
      const descending = sorted ? sorted === "ascending" : first === "descending";
      sortTable(table, column, descending);
    });
  });
}

for (const table of document.querySelectorAll("table.sortable")) {
  if (table.tBodies[0]?.rows.length > 1) makeSortable(table);
}
