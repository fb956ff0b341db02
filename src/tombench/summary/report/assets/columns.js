/* A run's records in columns: numbers for what is counted, texts of a sample beside them. */

const VERDICTS = ["right", "partly", "wrong", "unparsed", "unscored"];
const MARKS = ["✓", "◐", "✗", "?", "·"];
const RIGHT = 0, PARTLY = 1, WRONG = 2, UNPARSED = 3, UNSCORED = 4;
const AGREEMENT = ["1", "0", "none"]; // scores differ, are the same, or the other run has none

/** What `only.NAME` may name beside the factors of the condition. */
const COLUMNS = ["category", "answer", "target", "needs_review", "cluster", "item"];

/** A column of texts that repeat: its levels, and of each row the place of its level. */
function column(block, rows) {
  const at = Uint32Array.from(block.at);
  const levels = block.levels.map((level) => (level === null ? "" : String(level)));
  if (at.length !== rows || at.some((place) => place >= levels.length)) throw new RangeError();
  return { levels, at };
}

/** The rows of a run, as the block `rows-KEY` has them. */
class Rows {
  constructor(block, run) {
    this.run = run;
    this.n = block.n;
    this.of = block.of;
    const named = (name) => column(block.columns[name], block.n);
    for (const name of ["item", "cluster", "answer", "target", "category"]) this[name] = named(name);
    this.review = yesOrNo(named("needs_review"));
    this.condition = new Map();
    for (const [factor, levels] of Object.entries(block.condition)) {
      this.condition.set(factor, column(levels, block.n));
    }
    this.repetition = Uint32Array.from(block.repetition);
    this.score = Float64Array.from(block.score, (score) => score ?? NaN);
    this.text = Int32Array.from(block.text);
    this.ids = block.id;
    for (const each of [this.repetition, this.score, this.text, this.ids ?? this.text]) {
      if (each.length !== block.n) throw new RangeError();
    }
    this.verdict = this.verdicts();
    this.told = this.text.reduce((sum, place) => sum + (place >= 0), 0);
  }

  verdicts() {
    const unparsed = this.answer.levels.map((answer) => answer === "unparsed");
    return Uint8Array.from(this.score, (score, row) => {
      if (unparsed[this.answer.at[row]]) return UNPARSED;
      if (Number.isNaN(score)) return UNSCORED;
      if (score >= 1) return RIGHT;
      return score > 0 ? PARTLY : WRONG;
    });
  }

  /** The record's id, as records.jsonl has it. */
  id(row) {
    if (this.ids) return this.ids[row];
    return `${this.level("item", row)}/${String(this.repetition[row]).padStart(2, "0")}`;
  }

  level(name, row) {
    return this[name].levels[this[name].at[row]];
  }

  /** Factor and level, of each factor. */
  conditions(row) {
    return [...this.condition].map(([factor, { levels, at }]) => [factor, levels[at[row]]]);
  }

  /**
   * The column that `only.NAME` of a link means; undefined where the records have none. Factors
   * joined by colons, `cell:question_type`, have levels joined alike.
   */
  named(name) {
    const known = this.condition.get(name);
    if (known) return known;
    if (COLUMNS.includes(name)) return name === "needs_review" ? this.review : this[name];
    if (name === "repetition") return (this.turns ??= joined([{ levels: null, at: this.repetition }]));
    const parts = name.split(":");
    const columns = parts.length > 1 ? parts.map((part) => this.named(part)) : [undefined];
    return columns.includes(undefined) ? undefined : joined(columns);
  }

  /** The row of a record of that id; else of that item and repetition; else -1. */
  find(id, item, repetition) {
    if (!this.places) {
      this.places = new Map();
      for (let row = this.n - 1; row >= 0; row--) {
        this.places.set(`item ${this.repetition[row]} ${this.level("item", row)}`, row);
      }
      for (let row = this.n - 1; row >= 0; row--) this.places.set(`id ${this.id(row)}`, row);
    }
    return this.places.get(`id ${id}`) ?? this.places.get(`item ${repetition} ${item}`) ?? -1;
  }

  /** Of each row the row of the same record in another run, or -1. */
  besides(other) {
    return Int32Array.from({ length: this.n }, (_, row) =>
      other.find(this.id(row), this.level("item", row), this.repetition[row]),
    );
  }

  /** Whether the other run has another score there, as a column of AGREEMENT. */
  agreement(other) {
    const places = this.besides(other);
    const at = Uint32Array.from(places, (place, row) => {
      if (place < 0) return 2;
      return Object.is(this.score[row], other.score[place]) ? 1 : 0;
    });
    return { levels: AGREEMENT, at, places };
  }
}

/** Columns as one: of each row its levels, joined by colons. Without levels the numbers stand. */
function joined(columns) {
  const places = new Map();
  const at = new Uint32Array(columns[0].at.length);
  for (let row = 0; row < at.length; row++) {
    const level = columns.map((one) => (one.levels ? one.levels[one.at[row]] : one.at[row])).join(":");
    if (!places.has(level)) places.set(level, places.size);
    at[row] = places.get(level);
  }
  return { levels: [...places.keys()], at };
}

function yesOrNo({ levels, at }) {
  const yes = (level) => ["true", "yes", "1"].includes(level.toLowerCase());
  return { levels: levels.map((level) => (yes(level) ? "yes" : "no")), at };
}

/** The texts of a run's sample, as the block `texts-KEY` has them. */
class Texts {
  constructor(block) {
    this.block = block;
    this.prompts = block.prompt.levels.map(String);
    if (block.prompt.at.length !== block.response.length) throw new RangeError();
  }

  /** All that is known of the record whose texts are at `place`. */
  at(place) {
    const levels = ({ levels, at }) => levels[at[place]] ?? "";
    const { thinking, error, log_probs: logProbs, tokens, truncated } = this.block;
    return {
      prompt: levels(this.block.prompt),
      response: this.block.response[place] ?? "",
      reason: levels(this.block.reason),
      thinking: thinking?.[place] ?? "",
      error: error?.[place] ?? "",
      logProbs: Object.entries(logProbs?.[place] ?? {}),
      tokens: tokens[place],
      truncated: Boolean(truncated[place]),
    };
  }
}
