/* The cards of runs: a box that finds them, and the metrics of each condition when one is opened. */

/** Show the cards that hold every word. */
function findCards(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const card of document.querySelectorAll(".card")) {
    const text = card.textContent.toLowerCase();
    card.hidden = !wanted.every((word) => text.includes(word));
    found += !card.hidden;
  }
  document.querySelector(".finder output").textContent = wanted.length ? `${count(found)} shown` : "";
}

/** A metric: its value as a link to its records, its interval and n at hand. */
function partCell(metric) {
  if (!metric) return element("td", { class: "number" }, "–");
  const [value, low, high, n, clusters, link] = metric;
  const digits = Math.abs(value) < 100 ? 2 : 1;
  const interval = `95 % interval ${decimal(low, digits)} to ${decimal(high, digits)}`;
  const title = `${interval}; n ${count(n)}, clusters ${count(clusters)}`;
  const told = decimal(value, digits);
  return element("td", { class: "number", title }, link ? element("a", { href: link }, told) : told);
}

/** The table of one factor: a row a level, a column a metric. */
function partTable([factor, levels]) {
  const named = [...new Set(levels.flatMap(([, metrics]) => [...metrics.keys()]))];
  const line = ([level, metrics]) => {
    const cells = named.map((name) => partCell(metrics.get(name)));
    return element("tr", {}, element("th", { scope: "row" }, level), ...cells);
  };
  const head = named.map((name) => element("th", { scope: "col", class: "number" }, name));
  const table = element(
    "table",
    { class: "sortable parts" },
    element("caption", {}, `By ${factor}`),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, factor), ...head)),
    element("tbody", {}, ...levels.map(line)),
  );
  makeSortable(table);
  const attributes = { class: "scroll", tabindex: "0", role: "region" };
  return element("div", { ...attributes, "aria-label": `Metrics by ${factor}` }, table);
}

/** Factors with their levels and metrics, as lists: a level may have any name, `__proto__` too. */
function partsOf(json) {
  const metrics = (found) => new Map(Object.entries(found));
  return Object.entries(json).map(([factor, levels]) => [
    factor,
    Object.entries(levels).map(([level, found]) => [level, metrics(found)]),
  ]);
}

/** Every factor with more than one level; the others in one line. */
async function showParts(card) {
  const place = card.querySelector(".parts");
  try {
    const factors = await block(`parts-${card.dataset.key}`, partsOf);
    const single = factors.filter(([, levels]) => levels.length === 1);
    const named = single.map(([factor, [[level]]]) => `${factor}: ${level}`).join(", ");
    const line = element("p", { class: "told" }, `All of it is of ${named}.`);
    const tables = factors.filter(([, levels]) => levels.length > 1).map(partTable);
    place.replaceChildren(...(named ? [line] : []), ...tables);
  } catch (error) {
    place.replaceChildren(complaint(error));
  }
}

/** `/` leads to the box. */
function seek(event) {
  const runs = document.querySelector('section[data-page="runs"]');
  if (event.key !== "/" || writing(event.target) || !runs.classList.contains("current")) return;
  event.preventDefault();
  document.getElementById("find-run").focus();
}

document.querySelector(".finder").hidden = false;
document.getElementById("find-run").addEventListener("input", (event) => findCards(event.target.value));
document.addEventListener("keydown", seek);
for (const card of document.querySelectorAll(".card")) {
  const details = card.querySelector(":scope > details");
  details.addEventListener("toggle", () => details.open && showParts(card));
}
