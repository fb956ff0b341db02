/* Pages and keys. A page is a section; its address is the part behind "#", which no server sees. */

const routes = {}; // page -> (parameters, section) => …, for pages that are made when they are shown
const PAGES = { o: "overview", r: "runs", c: "compare", i: "records", m: "method" };
const SEQUENCE = 1200; // milliseconds that a second key may take

/** Show a page: `goto("records", {run: "r0"})`. Parameters may also be a list of pairs. */
function goto(page, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  location.hash = query ? `#/${page}?${query}` : `#/${page}`;
}

/** The address as it stands: page, what follows it (a run's key), and its parameters. */
function address() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [page, inside = ""] = path.split("/");
  return { page, inside, parameters: new URLSearchParams(query) };
}

function sectionOf(page) {
  const sections = [...document.querySelectorAll("main > section")];
  return sections.find((section) => section.dataset.page === page);
}

let shown = "overview";

/** Show the page that the address names; an unknown one is the overview. */
function navigate() {
  const { page, inside, parameters } = address();
  const section = sectionOf(page) ?? sectionOf("overview");
  const name = section.dataset.page;
  for (const other of document.querySelectorAll("main > section")) {
    other.classList.toggle("current", other === section);
  }
  for (const link of document.querySelectorAll("#contents a")) {
    const current = link.getAttribute("href") === `#/${name}`;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${section.querySelector("h1").textContent} · tombench`;
  routes[name]?.(parameters, section, inside);
  settle(section, inside ? `run-${inside}` : parameters.get("at"), name !== shown);
  shown = name;
}

/** Bring what the address names into view; of a new page its beginning. */
function settle(section, anchor, changed) {
  const place = anchor && document.getElementById(anchor);
  if (place && section.contains(place)) {
    const folded = place.querySelector(":scope > details");
    if (folded) folded.open = true;
    place.scrollIntoView({ block: "start" });
    (place.querySelector("summary, .scroll, button") ?? section).focus({ preventScroll: true });
  } else if (changed) {
    window.scrollTo(0, 0);
    section.querySelector("h1").focus({ preventScroll: true });
  }
}

/** Is somebody writing? */
function writing(target) {
  return target instanceof Element && target.closest("input, select, textarea, dialog[open]");
}

let pending = 0; // when "g" was pressed

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return;
  const second = event.timeStamp - pending < SEQUENCE;
  pending = 0;
  if (second && event.key in PAGES) goto(PAGES[event.key]);
  else if (second && sectionOf(`task-${event.key - 1}`)) goto(`task-${event.key - 1}`);
  else if (event.key === "g") pending = event.timeStamp;
  else if (event.key === "?") document.getElementById("help").showModal();
  else if (event.key === "t") document.getElementById("theme").click();
  else return;
  event.preventDefault();
}

/** The contents of a narrow screen, folded away until they are asked for. */
function foldContents() {
  const button = document.querySelector(".menu");
  const fold = (open) => {
    button.setAttribute("aria-expanded", open);
    document.querySelector(".masthead").classList.toggle("open", open);
  };
  button.addEventListener("click", () => fold(button.getAttribute("aria-expanded") !== "true"));
  window.addEventListener("hashchange", () => fold(false));
}

/** Figures open large; a click beside a dialog closes it. */
function openDialogs() {
  const large = document.getElementById("large");
  for (const button of document.querySelectorAll(".enlarge")) {
    button.addEventListener("click", () => {
      const [from, to] = [button.querySelector("img"), large.querySelector("img")];
      [to.src, to.alt] = [from.src, from.alt];
      large.showModal();
    });
  }
  const help = document.getElementById("help");
  document.getElementById("keys").addEventListener("click", () => help.showModal());
  for (const dialog of [large, help]) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
}

document.addEventListener("DOMContentLoaded", () => {
  foldContents();
  openDialogs();
  document.addEventListener("keydown", pressed);
  window.addEventListener("hashchange", navigate);
  navigate();
});
