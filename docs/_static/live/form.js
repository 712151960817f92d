// Fills the forms of a page: fields from the axes of a question, and under them the answer of `answers.js`, at every change.
import { Contradiction, askNext, codesOf, inWords, nearest, resolve, rounded, spansOf } from "./answers.js";
import { element, list, option } from "./dom.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const root = new URL(document.documentElement.dataset.content_root ?? "./", document.baseURI);
const loaded = new Map();
let forms = 0;

function tables(file) {
  if (!loaded.has(file)) {
    const asked = fetch(new URL(`_static/live/tables/${file}`, root)).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      return answer.json();
    });
    asked.catch(() => loaded.delete(file));
    loaded.set(file, asked);
  }
  return loaded.get(file);
}

class Form {
  constructor(place) {
    this.place = place;
    this.body = place.querySelector(".live-body");
    this.books = JSON.parse(place.dataset.books);
    this.id = `live-${(forms += 1)}`;
    this.kept = new Map();
    this.fields = element("div", { class: "live-fields" });
    this.output = element("div", { class: "live-answer", role: "status", "aria-live": "polite" });
    this.head = element("div", { class: "live-fields" });
    this.foot = element("p", { class: "live-small" });
    this.body.replaceChildren(this.head, this.fields, this.output, this.foot);
    this.choose(this.books[0].file);
  }

  async choose(file) {
    this.file = file;
    let found;
    try {
      found = await tables(file);
    } catch (error) {
      this.head.replaceChildren();
      this.fields.replaceChildren();
      this.output.textContent = `The tables cannot be loaded (${error.message}). Serve the pages with: python -m http.server`;
      return;
    }
    if (file !== this.file) return; // another book was chosen meanwhile
    this.document = found;
    this.questions = this.document.questions.filter((asked) => asked.name === this.place.dataset.question);
    if (!this.questions.includes(this.asked)) {
      const facts = (asked) => asked.axes.filter((axis) => codesOf(axis) > 1).length;
      const [most] = this.questions.toSorted((one, other) => facts(other) - facts(one));
      this.asked = this.questions.find((asked) => asked.about === this.asked?.about) ?? most;
    }
    this.drawHead(file);
    this.drawFields();
  }

  drawHead(file) {
    const parts = [];
    if (this.books.length > 1) {
      const options = this.books.map(({ says, file: of }) => option(of, says, of === file));
      parts.push(this.select("book", "sources that answer", options, (chosen) => this.choose(chosen)));
    }
    if (this.questions.length > 1) {
      const options = this.questions.map(({ about }, n) => option(String(n), this.subject(about), this.questions[n] === this.asked));
      const draw = (chosen) => {
        this.asked = this.questions[Number(chosen)];
        this.drawFields();
      };
      parts.push(this.select("about", "about", options, draw));
    }
    this.head.replaceChildren(...parts);
  }

  subject(about) {
    const axes = this.questions.find((asked) => asked.about === about).axes;
    const named = axes.map(({ key }) => key).join(", ") === about;
    return named ? axes.map(({ title }) => title).join(" and ") : about;
  }

  select(key, title, options, change) {
    const id = `${this.id}-${key}`;
    const field = element("select", { id, name: key }, ...options);
    field.addEventListener("change", () => change(field.value));
    return element("div", { class: "live-field" }, element("label", { for: id }, title), field);
  }

  /** One field for each fact that the table tells apart. What was entered stays as long as the fact is asked. */
  drawFields() {
    this.shown = this.asked.axes.map((axis, n) => (codesOf(axis) > 1 ? this.field(axis, n) : null));
    this.fields.replaceChildren(...this.shown.filter(Boolean).map(({ box }) => box));
    this.update();
  }

  field(axis, n) {
    const id = `${this.id}-${n}`;
    const key = `${axis.key} ${axis.title}`;
    const numbers = !axis.members && !axis.named;
    const fault = element("p", { class: "live-fault", id: `${id}-fault` });
    const choices = axis.members ? axis.says.map((says) => option(says, says)) : axis.runs.map(([says]) => option(says, says));
    const input = numbers
      ? element("input", { id, inputmode: "decimal", autocomplete: "off", placeholder: "not known", "aria-describedby": `${id}-fault` })
      : element("select", { id, "aria-describedby": `${id}-fault` }, option("", "not known"), ...choices);
    input.value = this.kept.get(key) ?? "";
    if (!numbers && input.selectedIndex < 0) input.value = "";
    input.addEventListener(numbers ? "input" : "change", () => {
      this.kept.set(key, input.value);
      this.update();
    });
    return { axis, input, fault, numbers, box: element("div", { class: "live-field" }, element("label", { for: id }, axis.title), input, fault) };
  }

  /** The codes that each fact may have; null if something entered cannot be read. */
  spans() {
    let good = true;
    const spans = spansOf(this.asked, this.asked.axes.map(() => null));
    for (const [n, shown] of this.shown.entries()) {
      if (shown === null) continue;
      shown.fault.textContent = "";
      shown.input.removeAttribute("aria-invalid");
      const text = shown.input.value.trim();
      if (text === "") continue;
      try {
        spans[n] = [codeOfText(shown, text)];
      } catch (error) {
        shown.fault.textContent = error.message;
        shown.input.setAttribute("aria-invalid", "true");
        good = false;
      }
    }
    return good ? spans : null;
  }

  update() {
    this.output.replaceChildren(); // whatever comes now, the answer to other facts is gone
    mark([], this.document.rulebook);
    const spans = this.spans();
    if (spans === null) {
      this.output.replaceChildren(element("p", { class: "live-head" }, "No answer: correct the marked field."));
      return;
    }
    try {
      const found = resolve(this.asked, spans, this.document);
      this.output.replaceChildren(...this.report(found, spans));
      mark(this.marked(found), this.document.rulebook);
    } catch (error) {
      if (!(error instanceof Contradiction)) throw error;
      this.output.replaceChildren(element("p", { class: "live-head" }, `These facts cannot all be true: ${error.message}.`));
    }
    const by = `Answered in your browser by ${this.document.rulebook}, tarlatamab_rules ${this.place.dataset.release}; nothing is sent anywhere.`;
    this.foot.textContent = `${by} Not medical advice: check the label in force.`;
  }

  report(found, spans) {
    const says = (value) => (value === null ? [this.silence(found)] : this.asked.values[value].says);
    const lines = [];
    if (found.answer === "needs-data") {
      lines.push(element("p", { class: "live-head" }, `Cannot answer yet: ${this.titles(found.missing, spans)} not known.`));
      const [first, ...others] = new Set(found.possible.map((value) => (value === null ? null : (says(value)[0] ?? null))));
      if (first !== null && !others.length && !found.unsettled) lines.push(element("p", { class: "live-head" }, `In every case: ${first}.`));
      lines.push(element("p", {}, "Still possible:"), list(found.possible.map((value) => says(value).join("; ") || "nothing")));
    } else {
      const [first, ...rest] = says(found.possible[0]);
      lines.push(element("p", { class: "live-head" }, first ?? "nothing"), list(rest));
    }
    if (found.unsettled) lines.push(element("p", { class: "live-head" }, "A source mentions this and does not settle it: a clinician must decide."));
    lines.push(...found.caveats.map((caveat) => element("p", {}, `Caution: ${caveat}`)));
    lines.push(...this.section("What would change it", this.changes(found, spans)));
    lines.push(...this.section("The sources disagree", this.disagreements(found)));
    lines.push(...this.section(found.answer === "needs-data" ? "Rows that may apply" : "Why", found.reasons.map((at) => this.reason(at))));
    return lines;
  }

  silence(found) {
    return found.unsettled ? "not settled by the sources" : "silent: no source says anything about this, which is no permission";
  }

  /** What is missing: only what the form asks, although the library may have one name for it and for what this table does not tell apart. */
  titles(missing, spans) {
    const titles = this.asked.axes.filter(({ fact }, n) => missing.includes(fact) && spans[n].length > 1).map(({ title }) => title);
    return `${titles.join(", ")} ${titles.length > 1 ? "are" : "is"}`;
  }

  section(title, items) {
    return items.length ? [element("p", { class: "live-title" }, title), list(items)] : [];
  }

  reason(at) {
    const { row, book, says, cites, interpretation, unsettled } = this.document.reasons[at];
    const id = book ? element("a", { href: new URL(`reference/rulebooks/${book}.html#${row}`, root) }, row) : row;
    const more = [cites && ` ${cites}.`, interpretation && ` Interpretation: ${interpretation}`, unsettled && ` Not settled: ${unsettled}`];
    return [id, ` ${says}`, element("span", { class: "live-small" }, ...more.filter(Boolean))];
  }

  /** The lines of a report about other sources; marked if they hold in some of the cases that are still possible only. */
  disagreements({ places }) {
    const each = places.map((place) => this.asked.answers[place].disagree ?? []);
    return [...new Set(each.flat())].map((line) => (each.every((lines) => lines.includes(line)) ? line : `in some of these cases: ${line}`));
  }

  changes(found, spans) {
    const says = ({ possible, answer }) =>
      answer === "needs-data"
        ? `${possible.length} answers still possible`
        : possible[0] === null
          ? "silent, or not settled"
          : this.beside(possible[0], found);
    if (found.answer === "needs-data") {
      return askNext(this.asked, spans, this.document)
        .slice(0, 2)
        .flatMap(({ axis, outcomes }) =>
          outcomes.map(({ codes, answer }) => `if ${this.asked.axes[axis].title} is ${inWords(this.asked.axes[axis], codes)}: ${says(answer)}`),
        );
    }
    return nearest(this.asked, spans, this.document).map(({ when, answer }) => {
      const facts = when.map(({ axis, codes }) => `${this.asked.axes[axis].title} were ${inWords(this.asked.axes[axis], codes)}`);
      return `if ${facts.join(" and ")}: ${says(answer)}`;
    });
  }

  /** An answer beside the one that stands: if both begin alike, what else it says, or does not say. */
  beside(value, found) {
    const [first, ...rest] = this.asked.values[value].says;
    const now = found.answer === "decided" ? this.asked.values[found.possible[0]].says : [];
    if (first !== now[0]) return [first, ...rest].slice(0, 2).join("; ") || "nothing";
    const more = rest.filter((line) => !now.includes(line));
    const less = now.filter((line) => line !== first && !rest.includes(line));
    return [`also ${first}`, ...more.map((line) => `with ${line}`), ...less.map((line) => `without ${line}`)].slice(0, 3).join("; ");
  }

  /** The ids of the lines of the page that give the answer: rows of a book, or lines of the default. */
  marked({ reasons, places }) {
    if (this.asked.lines) return places.map((place) => this.asked.lines[place]).filter(Boolean);
    return reasons.map((at) => this.document.reasons[at].row);
  }
}

function codeOfText({ axis, input, numbers }, text) {
  // A choice is known by its words, so it means the same if another book cuts the fact elsewhere, or is not known there.
  if (axis.members) return axis.codes[axis.says.indexOf(input.value)];
  if (!numbers) return axis.runs.findIndex(([says]) => says === input.value);
  if (!NUMBER.test(text)) throw new Contradiction(`write a number with a point, such as 2.5`);
  return spansOf({ axes: [axis] }, [rounded(Number(text))])[0][0];
}

/** Highlights lines of the tables of this page, and unfolds what they are in. */
function mark(ids, rulebook) {
  for (const row of document.querySelectorAll("tr.live-row")) row.classList.remove("live-row");
  const page = location.pathname.split("/").at(-1).replace(".html", "");
  if (!document.querySelector("span.line") && page !== rulebook) return;
  for (const id of ids) {
    const row = document.getElementById(id)?.closest("tr");
    row?.classList.add("live-row");
    row?.closest("details")?.setAttribute("open", "");
  }
}

for (const place of document.querySelectorAll("details.live")) {
  const fill = () => (place.open && !place.filled ? ((place.filled = true), new Form(place)) : null);
  place.addEventListener("toggle", fill);
  fill();
}
