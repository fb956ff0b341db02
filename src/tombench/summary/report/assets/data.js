/* The report's data blocks, and how texts that a model wrote come onto the page: as text alone. */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const SVG = "http://www.w3.org/2000/svg";

/** `text` with characters that cannot be seen, or that turn others round, written out (\x1b, \u202e). */
function visible(text) {
  return String(text).replace(UNSEEN, (character) => {
    if (character === "\n" || character === "\t") return character;
    if (character === "\r") return "\\r";
    const code = character.codePointAt(0);
    const digits = code.toString(16);
    if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
  });
}

/** An element; `on…` attributes are listeners, strings among the children become visible text. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else made.setAttribute(name, name === "value" || name === "href" ? value : visible(value));
  }
  made.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
  return made;
}

/** A drawn element of an SVG. */
function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
  return made;
}

/** A link within the report: the only kind that is made from data. */
function inner(page, parameters, ...children) {
  const query = String(parameters);
  return element("a", { href: `#/${page}${query && `?${query}`}` }, ...children);
}

const WHOLE = new Intl.NumberFormat("en-US");

/** A count with its thousands parted: 100,000. */
function count(number) {
  return WHOLE.format(number);
}

/** A number with `digits` decimals and a true minus; "–" where there is none. */
function decimal(number, digits = 2) {
  if (number === null || number === undefined || Number.isNaN(number)) return "–";
  return number.toFixed(digits).replace(/^-(?=.*[1-9])/, "−").replace(/^-/, "");
}

/** A p value as papers print it. */
function probability(p) {
  if (p === null || p === undefined) return "–";
  return p < 0.001 ? "< .001" : p.toFixed(3).replace(/^0/, "");
}

/** What the page cannot show, in one line that a reader understands. */
class Unreadable extends Error {}

let indexed = null;

/** The index of the report: its runs by key, its pairs of runs, and notes on runs not compared. */
function theIndex() {
  if (indexed) return indexed;
  try {
    const block = JSON.parse(document.getElementById("index").textContent);
    const runs = new Map(block.runs.map((run) => [run.key, run]));
    indexed = { runs, pairs: block.pairs, notes: block.notes };
  } catch {
    throw new Unreadable("The index of this file is damaged. Make the report again.");
  }
  return indexed;
}

const opened = new Map(); // block id -> promise of what it holds

/** A block of the page, unpacked once; refused with an Unreadable where that cannot be done. */
function block(id, read) {
  if (!opened.has(id)) opened.set(id, unpacked(id).then((json) => readable(id, read, json)));
  return opened.get(id);
}

function readable(id, read, json) {
  try {
    return read(json);
  } catch {
    throw new Unreadable(`Block ${id} of this file is damaged. Make the report again.`);
  }
}

async function unpacked(id) {
  if (typeof DecompressionStream === "undefined") {
    throw new Unreadable(
      "This browser cannot unpack the records: it has no DecompressionStream. " +
        "Chrome 80, Firefox 113, Safari 16.4 and later have it.",
    );
  }
  const packed = document.getElementById(id);
  if (!packed) throw new Unreadable(`Block ${id} is not in this file.`);
  try {
    const text = atob(packed.textContent.trim());
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).json();
  } catch {
    throw new Unreadable(`Block ${id} of this file is damaged. Make the report again.`);
  }
}

/** One plain line in place of what cannot be shown. */
function complaint(error) {
  const known = error instanceof Unreadable;
  return element("p", { class: "complaint", role: "alert" }, known ? error.message : `${error}`);
}

/** The promise of a run's rows. */
function rowsOf(key) {
  const run = theIndex().runs.get(key);
  if (!run) return Promise.reject(new Unreadable(`There is no run ${key} in this report.`));
  return block(`rows-${key}`, (json) => new Rows(json, run));
}

/** The promise of the texts of a run's sample. */
function textsOf(key) {
  return block(`texts-${key}`, (json) => new Texts(json));
}
