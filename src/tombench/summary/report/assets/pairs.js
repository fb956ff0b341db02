/* Every pair of runs in one table, and a difference drawn with its interval. */

const DRAWN = { width: 460, height: 56, middle: 22 };

/** The 95 % interval in words; a dash where all clusters differ alike. */
function intervalText({ low, high }) {
  return low === null ? "–" : `${decimal(low, 3)} to ${decimal(high, 3)}`;
}

/** The difference and its 95 % interval, if there is one, on a line with zero in its middle. */
function intervalDrawn(pair) {
  const { difference } = pair;
  const [low, high] = [pair.low ?? difference, pair.high ?? difference];
  const most = Math.max(0.1, Math.abs(low), Math.abs(high)) * 1.1;
  const x = (value) => (DRAWN.width / 2) * (1 + value / most);
  const { middle } = DRAWN;
  const line = (x1, y1, x2, y2, kind) => drawn("line", { x1, y1, x2, y2, class: kind });
  const label = (value, anchor, text) =>
    drawn("text", { x: x(value), y: 50, "text-anchor": anchor, class: "tick" }, text);
  const end = most / 1.1;
  const told = `Difference ${decimal(difference, 3)}, 95 % interval ${intervalText(pair)}`;
  return drawn(
    "svg",
    { viewBox: `0 0 ${DRAWN.width} ${DRAWN.height}`, class: "difference", role: "img", "aria-label": told },
    line(0, 36, DRAWN.width, 36, "axis"),
    line(x(0), 4, x(0), 40, "zero"),
    line(x(low), middle, x(high), middle, "whisker"),
    line(x(low), middle - 6, x(low), middle + 6, "whisker"),
    line(x(high), middle - 6, x(high), middle + 6, "whisker"),
    drawn("circle", { cx: x(difference), cy: middle, r: 5, class: "point" }),
    label(-end, "start", `${decimal(-end)} B higher`),
    label(0, "middle", "0"),
    label(end, "end", `A higher ${decimal(end)}`),
  );
}

const PAIR_HEADER = ["A", "B", "A − B", "95 % interval", "d_z", "Items", "Clusters", "p", "Holm p"];

/** Pairs as a table that can be sorted; each row leads to its comparison. */
function pairTable(pairs, a, all) {
  const { runs } = theIndex();
  const name = runName(runs.get(a));
  const whose =
    pairs.length < all
      ? `Pairs with ${name}: ${count(pairs.length)} of all ${count(all)}`
      : `All pairs: ${count(all)}`;
  const rows = pairs.map((pair) => pairRow(pair, runs));
  const heads = PAIR_HEADER.map((title, place) =>
    element("th", { scope: "col", ...(place > 1 && { class: "number" }) }, title),
  );
  const table = element(
    "table",
    { class: "sortable" },
    element("caption", {}, whose),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows),
  );
  if (rows.length > 1) makeSortable(table);
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Pairs" }, table);
}

function pairRow(pair, runs) {
  const address = new URLSearchParams({ a: pair.a, b: pair.b });
  const [first, second] = [pair.a, pair.b].map((key) => runName(runs.get(key)));
  const number = (text) => element("td", { class: "number" }, text);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, inner("compare", address, first)),
    element("td", {}, second),
    number(decimal(pair.difference, 3)),
    number(intervalText(pair)),
    number(decimal(pair.dz)),
    number(count(pair.items)),
    number(count(pair.clusters)),
    number(probability(pair.p_permutation)),
    number(probability(pair.holm)),
  );
}
