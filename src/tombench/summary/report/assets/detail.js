/* One record, whole: what was sent, what came back, and how it was read. */

/** Draws the record that the address opens; hides the panel where it opens none. */
function showDetail(view, last, at) {
  const { open } = view.wanted;
  const row = open !== null && open < view.rows.n ? open : null;
  explorer.parts.body.classList.toggle("with-detail", row !== null);
  at.hidden = row === null;
  if (row === null) {
    at.replaceChildren();
    return;
  }
  const before = last?.rows === view.rows && last.wanted.open === row && last.other === view.other;
  if (before && last.found === view.found && at.firstChild) return;
  const within = at.contains(document.activeElement);
  at.replaceChildren(detailHeader(view, row), ...detailBody(view, row));
  at.scrollTop = 0;
  if (within || last?.wanted.open == null) at.focus({ preventScroll: wide() });
}

/** Whether the panel stands beside the list, rather than over or below it. */
function wide() {
  return window.matchMedia("(min-width: 64rem)").matches;
}

function detailHeader(view, row) {
  const place = placeOf(view.found, row);
  const step = (text, by, label) => {
    const to = stepFrom(view.found, row, by);
    const go = { type: "button", "aria-label": label, disabled: to === null, onclick: () => stepRecord(by) };
    return element("button", go, text);
  };
  const where = place < 0 ? "not among those found" : `${count(place + 1)} of ${count(view.found.length)}`;
  const address = parametersOf(view.wanted);
  return element(
    "header",
    {},
    element("h2", {}, element("code", {}, view.rows.id(row))),
    element(
      "div",
      { class: "steps" },
      step("‹ k", -1, "Record before (k)"),
      step("j ›", 1, "Next record (j)"),
      element("span", { class: "quiet" }, where),
      inner("records", address, "link"),
      element("button", { type: "button", onclick: closeDetail, "aria-label": "Close (Esc)" }, "×"),
    ),
  );
}

function detailBody(view, row) {
  const mine = { rows: view.rows, texts: view.texts, row };
  const beside = view.other ? view.agreement.places[row] : -1;
  const parts = [facts(view.rows, row)];
  if (!view.other) parts.push(...answerParts(mine));
  else {
    const other = { rows: view.other.rows, texts: view.other.texts, row: beside };
    parts.push(...sideBySide(mine, other));
  }
  parts.push(elsewhere(view, row));
  return parts;
}

/** What is known of a record without its texts. */
function facts(rows, row) {
  const item = rows.level("item", row);
  const cluster = rows.level("cluster", row);
  const same = (key, level) => new URLSearchParams([["run", rows.run.key], [`only.${key}`, level]]);
  const told = [
    ["target", rows.level("target", row) || "–"],
    ["category", rows.level("category", row)],
    ["needs review", rows.level("review", row)],
    ["item", inner("records", same("item", item), item)],
    ["cluster", inner("records", same("cluster", cluster), cluster)],
    ["repetition", count(rows.repetition[row])],
    ...rows.conditions(row).map(([factor, level]) => [factor, level || "–"]),
  ];
  return definitions(told);
}

function definitions(told) {
  const pairs = told.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
  return element("dl", { class: "record-facts" }, ...pairs);
}

function sideBySide(mine, other) {
  const prompts = [mine, other].map(({ rows, texts, row }) => textAt(rows, texts, row)?.prompt);
  const once = prompts[0] !== undefined && prompts[0] === prompts[1];
  const columns = [mine, other].map((one) => {
    const parts =
      one.row < 0
        ? [element("p", { class: "quiet" }, "This run has no such record here.")]
        : answerParts(one, once);
    return element("section", {}, element("h3", {}, runName(one.rows.run)), ...parts);
  });
  const prompt = once ? [labelled("Prompt, of both", prompts[0])] : [];
  return [...prompt, element("div", { class: "beside" }, ...columns)];
}

/** What was sent and answered, and why it was read so; or where it can be seen. */
function answerParts({ rows, texts, row }, promptTold = false) {
  const answer = rows.level("answer", row);
  const said = answer === "unparsed" ? [] : [" ", element("q", {}, answer)];
  const read = element("p", { class: "read" }, verdictMark(rows, row), ...said);
  const known = textAt(rows, texts, row);
  if (!known) return [read, untold(rows, row)];
  const parts = promptTold ? [] : [labelled("Prompt, as sent", known.prompt)];
  parts.push(labelled("Response", known.response), read);
  if (known.reason) parts.push(element("p", { class: "why" }, `Why: ${known.reason}`));
  if (known.error) parts.push(element("p", { class: "complaint" }, `Error: ${known.error}`));
  if (known.thinking) {
    const thinking = element("pre", { tabindex: "0" }, known.thinking);
    parts.push(element("details", {}, element("summary", {}, "Thinking"), thinking));
  }
  if (known.logProbs.length) parts.push(logProbTable(known.logProbs));
  const cut = known.truncated ? "; cut off by the limit of tokens" : "";
  parts.push(element("p", { class: "quiet" }, `${count(known.tokens ?? 0)} tokens drawn${cut}`));
  return parts;
}

function textAt(rows, texts, row) {
  return row >= 0 && rows.text[row] >= 0 && texts ? texts.at(rows.text[row]) : undefined;
}

function labelled(name, text) {
  const shown = text === "" ? element("p", { class: "quiet" }, "(empty)") : textBox(name, text);
  return element("section", { class: "text" }, element("h3", {}, name), shown);
}

function textBox(name, text) {
  return element("pre", { tabindex: "0", "aria-label": name }, text);
}

/** Where the texts are that this file does not hold. */
function untold(rows, row) {
  const command = element("code", {}, rows.run.command_show + quoted(rows.id(row)));
  const copied = () => copyText(command);
  return element(
    "div",
    { class: "untold" },
    element("p", {}, "The texts of this record are not in this file. This shows them:"),
    element("pre", { tabindex: "0" }, command),
    element("button", { type: "button", onclick: copied }, "Copy the command"),
  );
}

/** A value for Hydra on a shell's command line. */
function quoted(value) {
  if (/^[\w./:+-]+$/.test(value)) return value;
  const forHydra = `"${value.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
  return `'${forHydra.replace(/'/g, "'\\''")}'`;
}

/** Puts the text into the clipboard; selects it where the browser refuses. */
async function copyText(at) {
  try {
    await navigator.clipboard.writeText(at.textContent);
  } catch {
    window.getSelection().selectAllChildren(at);
  }
}

/** log p of each option, the most probable first, with bars of p beside the greatest. */
function logProbTable(logProbs) {
  const known = logProbs.map(([name, value]) => [name, value ?? Number.NaN]);
  known.sort(([, one], [, two]) => (Number.isNaN(two) ? -1 : Number.isNaN(one) ? 1 : two - one));
  const greatest = known[0][1];
  const rows = known.map(([name, value]) => {
    const width = Number.isNaN(value) ? 0 : Math.max(0, Math.min(1, Math.exp(value - greatest)));
    const bar = drawn("rect", { width: 80 * width, height: 8, y: 1, class: "bar" });
    const drawing = drawn("svg", { width: 80, height: 10, "aria-hidden": "true" }, bar);
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", { class: "number" }, decimal(value, 3)),
      element("td", {}, drawing),
    );
  });
  const heads = ["Option", "log p (nats)", "p / greatest"];
  const head = heads.map((name) => element("th", { scope: "col" }, name));
  return element(
    "table",
    { class: "log-probs" },
    element("caption", {}, "Log-probabilities"),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}
