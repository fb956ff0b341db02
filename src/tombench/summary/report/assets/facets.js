/* The filters beside the list of records, each level with how many records it would give. */

const LISTED = 40; // levels of one filter that are offered; others are found by searching
const UNFOLDED = 6; // levels that a filter may have to stand open from the start

/** The filters of a run's records; `choose(key, level, chosen)` is told of every change. */
class Facets {
  constructor(facets, choose) {
    this.facets = facets;
    this.boxes = []; // of each facet and offered level: its place, its checkbox, its count
    this.at = element("div", { class: "facets-list" });
    facets.forEach((facet, number) => {
      if (facet.listed) this.at.append(this.one(facet, number, choose));
    });
  }

  one(facet, number, choose) {
    const { offered, more } = offeredLevels(facet);
    if (offered.length < 2) return ""; // nothing to choose from
    const list = element("ul");
    for (const place of offered) {
      const box = element("input", {
        type: "checkbox",
        onchange: () => choose(facet.key, facet.levels[place], box.checked),
      });
      const total = element("span", { class: "facet-count" });
      const name = element("span", { class: "facet-level" }, levelName(facet, place));
      const label = element("label", {}, box, name, total);
      this.boxes.push({ facet, number, place, box, total, label });
      list.append(element("li", {}, label));
    }
    if (more) {
      list.append(element("li", { class: "quiet" }, `and ${count(more)} more, found by searching`));
    }
    const open = !facet.key.startsWith("only.") || facet.levels.length <= UNFOLDED;
    return element(
      "details",
      { class: "facet", open, "data-facet": facet.key },
      element("summary", {}, facet.name),
      list,
    );
  }

  /** Ticks what is chosen, and tells the counts. */
  update(only, counts) {
    for (const { facet, number, place, box, total, label } of this.boxes) {
      box.checked = only.get(facet.key)?.has(facet.levels[place]) ?? false;
      const records = counts[number][place];
      total.textContent = count(records);
      label.classList.toggle("empty", records === 0 && !box.checked);
    }
  }
}

/** The levels that most rows have, in the order of their names, and how many more there are. */
function offeredLevels(facet) {
  const rows = new Uint32Array(facet.levels.length);
  for (const place of facet.at) rows[place] += 1;
  const places = [...facet.levels.keys()].filter((place) => rows[place] > 0);
  if (!facet.key.startsWith("only.")) return { offered: places, more: 0 };
  const common = [...places].sort((one, two) => rows[two] - rows[one]).slice(0, LISTED);
  const names = new Intl.Collator("en", { numeric: true });
  common.sort((one, two) => names.compare(facet.levels[one], facet.levels[two]));
  return { offered: common, more: places.length - common.length };
}

/** The filters that are set, as buttons that take them away again. */
function chips(view, remove) {
  const byKey = new Map(view.facets.map((facet) => [facet.key, facet]));
  const made = [...view.wanted.only].map(([key, levels]) => {
    const facet = byKey.get(key);
    const told = [...levels].map((level) => {
      const place = facet?.levels.indexOf(level) ?? -1;
      return place < 0 ? level || "(none)" : levelName(facet, place);
    });
    const name = facet?.name ?? key.replace("only.", "");
    const text = `${name}: ${told.join(" or ")}`;
    const label = `Remove the filter ${text}`;
    const button = { type: "button", class: "chip", "aria-label": label, onclick: () => remove(key) };
    return element("button", button, `${text} ×`);
  });
  if (made.length > 1) {
    const all = { type: "button", class: "chip chip-all", onclick: () => remove(null) };
    made.push(element("button", all, "Clear all filters"));
  }
  return made;
}

/** Filters of the address that the records know nothing of. */
function unknownFilters(view) {
  const known = new Set(view.facets.map((facet) => facet.key));
  return [...view.wanted.only.keys()].filter((key) => !known.has(key));
}
