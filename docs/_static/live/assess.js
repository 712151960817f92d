// The page that assesses a case. What the form asks comes from `case_form.json`, and every answer from Python in a worker.
// The case is one document, as the command line reads it: the form changes it, and Python is handed the whole of it.
import { button, element, list, option, shadowed } from "./dom.js";
import { Python, lacking, runtime } from "./python.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const NOT_KNOWN = "not known";
const folder = new URL("./", import.meta.url);

class Page {
  constructor(place, spec, found) {
    Object.assign(this, { place, spec, found });
    this.case = {};
    this.ids = 0;
    this.asked = 0;
    this.python = null;
    this.starting = null;
    this.answering = false;
    this.book = spec.books[0].name;
    this.draw();
    place.addEventListener("input", () => this.warm(), { once: true });
  }

  /** Loads Python while the form is filled in, so that the first verdict need not wait for it. What fails here is said at the first press. */
  async warm() {
    if (this.starting !== null || navigator.connection?.saveData) return;
    this.starting = this.start();
    try {
      await this.starting;
      if (!this.answering) this.state.textContent = "";
      if (!this.answering) await this.python.call("warm", this.book);
    } catch {
      if (!this.answering) this.stop();
    }
  }

  draw() {
    const say = (attributes) => element("div", { "aria-live": "polite", ...attributes });
    this.controls = element("div", { class: "live-fields" });
    this.form = element("div", { class: "live-form" });
    this.bar = element("progress", { max: 1, value: 0, "aria-label": "loading Python", hidden: "" });
    this.state = say({ class: "live-state", role: "status" });
    this.answer = element("section", { class: "live-report", "aria-label": "assessment" });
    this.extra = element("div", { class: "live-extra" });
    this.go = button("Assess", () => this.assess(true), { class: "live-go" });
    const { library, pyodide, python } = this.found;
    const by = `Answered by tarlatamab_rules ${library}, Python ${python} (Pyodide ${pyodide}), in your browser; nothing you enter is sent anywhere.`;
    const warning = element("p", { class: "live-small" }, "Not medical advice, and not a medical device: check the label in force.");
    const jump = button("What is missing", () => this.toQuestions(), { class: "live-jump" });
    const foot = element("div", { class: "live-foot" }, this.go, this.state, jump, this.bar, warning); // it stays in sight
    this.place.replaceChildren(this.controls, this.form, this.answer, this.extra, element("p", { class: "live-small" }, by), foot);
    this.drawControls();
    this.drawForm();
  }

  drawControls() {
    const examples = this.spec.examples.map(({ title }, n) => option(String(n), title));
    const example = this.labelled("Load an example", element("select", {}, option("", "choose one"), ...examples));
    example.control.addEventListener("change", () => {
      const chosen = this.spec.examples[Number(example.control.value)];
      if (example.control.value !== "" && chosen) this.load(chosen.text, chosen.rulebook);
    });
    const books = this.spec.books.map(({ name, says }) => option(name, says, name === this.book));
    this.bookField = this.labelled("Sources that answer", element("select", {}, ...books));
    this.bookField.control.addEventListener("change", () => {
      this.book = this.bookField.control.value;
      this.changed();
    });
    this.controls.replaceChildren(example.box, this.bookField.box);
  }

  labelled(title, control, fault = null) {
    control.id ||= `case-${(this.ids += 1)}`;
    return { control, box: element("div", { class: "live-field" }, element("label", { for: control.id }, title), control, fault) };
  }

  // The form ------------------------------------------------------------------------------------------------------------------------

  drawForm() {
    const { planned, patient, lists, findings } = this.spec;
    const parts = [this.group("The planned dose", planned, [], true), this.group("The patient", patient, ["patient"], true)];
    for (const [key, { title, item, fields }] of Object.entries(lists)) parts.push(this.several(key, title, item, fields));
    const now = Object.entries(findings).map(([key, fields]) => this.group(key.toUpperCase(), fields, ["findings", key], false));
    const known = this.case.findings !== undefined && this.case.findings !== null;
    const open = known ? { open: "" } : {};
    parts.push(element("details", { class: "live-part", id: "part-findings", ...open }, element("summary", {}, "What is found now, if CRS or ICANS is suspected"), ...now));
    parts.push(this.drawJson());
    const before = [...this.form.querySelectorAll("details[id]")];
    this.form.replaceChildren(...parts);
    for (const { id, open: unfolded } of before) this.form.querySelector(`#${id}`)?.toggleAttribute("open", unfolded);
  }

  group(title, fields, path, open) {
    const body = element("div", { class: "live-fields" }, ...fields.map((field) => this.field(field, [...path, field.key])));
    const id = `part-${path.length ? path.join("-") : "planned"}`;
    return element("details", { class: "live-part", id, ...(open ? { open: "" } : {}) }, element("summary", {}, title), body);
  }

  /** A list of the case: not known, none, or its items. */
  several(key, title, item, fields) {
    const items = this.case[key];
    const unknown = items === undefined || items === null;
    const choice = this.labelled(`${title}: what is known`, element("select", { "data-path": key }, ...[
      option("", NOT_KNOWN, unknown),
      option("none", "reviewed: none", Array.isArray(items) && !items.length),
      option("some", "listed below", Array.isArray(items) && items.length > 0),
    ]));
    choice.control.addEventListener("change", () => {
      const { value } = choice.control;
      if (value === "") delete this.case[key];
      else if (value === "none") this.case[key] = [];
      else if (!this.case[key]?.length) this.case[key] = [{}];
      this.redraw(`[data-path="${key}"]`);
    });
    const rows = Array.isArray(items) ? items.map((_, n) => this.item(key, n, item, fields)) : [];
    const add = button(`Add a ${item}`, () => this.add(key));
    return element("details", { class: "live-part", id: `part-${key}`, open: "" }, element("summary", {}, title), choice.box, ...rows, add);
  }

  item(key, n, item, fields) {
    const path = [key, n];
    const remove = button(`Remove ${item} ${n + 1}`, () => {
      this.case[key].splice(n, 1);
      if (!this.case[key].length) delete this.case[key]; // that nothing is listed does not say that there is nothing
      this.redraw(`[data-path="${key}"]`);
    });
    const parts = fields.map((field) => this.field(field, [...path, field.key]));
    const graded = key === "events" ? this.spec.graded[this.case[key][n]?.toxicity] : undefined;
    const found = graded ? [this.group("Findings of this episode", this.spec.findings[graded], [...path, "findings"], true)] : [];
    const [, second] = fields;
    const unfolded = this.case[key][n]?.[second.key] === undefined ? { open: "" } : {}; // one that is whole is folded
    const summary = element("summary", {}, this.called(key, n, item));
    const made = element("details", { class: "live-item", ...unfolded }, summary, element("div", { class: "live-fields" }, ...parts), ...found, remove);
    for (const kind of ["input", "change"]) made.addEventListener(kind, () => (summary.textContent = this.called(key, n, item)));
    return made;
  }

  /** An item by what it says first. */
  called(key, n, item) {
    const values = this.spec.lists[key].fields.slice(0, 4).map((field) => this.case[key]?.[n]?.[field.key]);
    return `${item} ${n + 1}: ${values.filter((value) => value !== undefined && value !== null).join(", ")}`;
  }

  /** One field of the case. What is left empty is not known, and is left out. A question takes text when it is whole, not letter by letter. */
  field(field, path, asks = false) {
    const dotted = dottedOf(path);
    const value = this.at(path);
    if (field.kind === "several") return this.words(field, path, value);
    const choices = field.kind === "truth" ? [["true", "yes"], ["false", "no"]] : (field.options ?? []).map((word) => [String(word), String(word)]);
    const control = choices.length
      ? element("select", { "data-path": dotted }, option("", NOT_KNOWN), ...choices.map(([of, says]) => option(of, says)))
      : element("input", { "data-path": dotted, autocomplete: "off", placeholder: placeholderOf(field), inputmode: field.kind === "number" ? "decimal" : null });
    control.value = value === undefined || value === null ? "" : String(value);
    if (choices.length && control.selectedIndex < 0) {
      control.append(option(String(value), `${value} (cannot be read)`)); // shown, not dropped: Python names the fault
      control.value = String(value);
    }
    control.addEventListener(choices.length || asks ? "change" : "input", () => {
      for (const other of this.place.querySelectorAll("[data-path]")) if (other !== control && other.dataset.path === dotted) other.value = control.value;
      this.set(field, path, control.value);
    });
    return this.labelled(field.title, control).box;
  }

  words(field, path, value) {
    const known = Array.isArray(value);
    const id = `case-${(this.ids += 1)}`;
    const state = this.labelled(`${field.title}: what is known`, element("select", { "data-path": dottedOf(path) }, option("", NOT_KNOWN, !known), option("known", "assessed: those marked", known)));
    const boxes = field.options.map((word, n) => {
      const box = element("input", { type: "checkbox", id: `${id}-${n}` });
      box.checked = known && value.includes(word);
      return { word, box, line: element("span", { class: "live-check" }, box, element("label", { for: `${id}-${n}` }, word)) };
    });
    const write = () => {
      if (boxes.some(({ box }) => box.checked)) state.control.value = "known";
      const marked = boxes.filter(({ box }) => box.checked).map(({ word }) => word);
      this.put(path, state.control.value === "known" ? marked : undefined);
      this.changed();
    };
    state.control.addEventListener("change", () => {
      if (state.control.value === "") for (const { box } of boxes) box.checked = false;
      write();
    });
    for (const { box } of boxes) box.addEventListener("change", write);
    return element("div", { class: "live-field" }, state.box, ...boxes.map(({ line }) => line));
  }

  at(path) {
    return path.reduce((found, key) => (found === undefined || found === null ? undefined : found[key]), this.case);
  }

  put(path, value) {
    let into = this.case;
    for (const [n, key] of path.slice(0, -1).entries()) {
      if (into[key] === undefined || into[key] === null) {
        if (value === undefined) return;
        into[key] = typeof path[n + 1] === "number" ? [] : {};
      }
      into = into[key];
    }
    if (value === undefined) delete into[path.at(-1)];
    else into[path.at(-1)] = value;
    this.clear(path);
  }

  /** Objects of findings in which nothing is said any more are left out: an empty one would ask for everything. */
  clear(path) {
    const at = path.indexOf("findings");
    if (at < 0) return;
    for (let end = path.length - 1; end > at; end -= 1) {
      const object = this.at(path.slice(0, end));
      if (object && !Object.keys(object).length) delete this.at(path.slice(0, end - 1))[path[end - 1]];
    }
  }

  set(field, path, text) {
    const trimmed = text.trim();
    const number = field.kind === "number" || typeof field.options?.[0] === "number";
    let value = trimmed;
    if (trimmed === "") value = undefined;
    else if (field.kind === "truth") value = trimmed === "true";
    else if (number && NUMBER.test(trimmed)) value = Number(trimmed);
    this.put(path, value);
    if (field.key === "analyte" && value !== undefined && !this.at([...path.slice(0, -1), "unit"])) {
      this.put([...path.slice(0, -1), "unit"], this.spec.units[value]);
      this.redraw(`[data-path="${dottedOf([...path.slice(0, -1), "value"])}"]`);
    } else if (field.key === "toxicity") this.redraw(`[data-path="${dottedOf([...path.slice(0, -1), "grade"])}"]`);
    else this.changed();
  }

  add(key, start = {}) {
    this.case[key] = [...(Array.isArray(this.case[key]) ? this.case[key] : []), start];
    const n = this.case[key].length - 1;
    const first = this.spec.lists[key].fields.find((field) => start[field.key] === undefined).key;
    this.redraw(`[data-path="${dottedOf([key, n, first])}"]`);
  }

  redraw(focus) {
    this.drawForm();
    this.form.querySelector(focus)?.focus();
    this.changed();
  }

  // JSON, links, print --------------------------------------------------------------------------------------------------------------

  drawJson() {
    this.text = element("textarea", { rows: "10", spellcheck: "false", autocomplete: "off" });
    this.text.value = JSON.stringify(this.case, null, 2);
    const file = element("input", { type: "file", accept: ".json,application/json" });
    file.addEventListener("change", async () => file.files[0] && this.load(await file.files[0].text(), this.book));
    const parts = [
      this.labelled("The case as JSON, as the command line reads it", this.text).box,
      element("div", { class: "live-buttons" }, button("Use this JSON", () => this.load(this.text.value, this.book)), button("Save the case", () => save("case.json", JSON.stringify(this.case, null, 2))), button("Copy a link to this case", () => this.link())),
      this.labelled("Load a case from a file", file).box,
      element("p", { class: "live-small" }, "A link carries the case behind its #, which a browser does not send to a server. It is still in the history of the browser: enter no name and no number of a patient."),
    ];
    return element("details", { class: "live-part", id: "part-json" }, element("summary", {}, "JSON, files and links"), ...parts);
  }

  async link() {
    const url = new URL(location.href);
    url.hash = `case=${encoded(JSON.stringify({ case: this.case, rulebook: this.book }))}`;
    history.replaceState(null, "", url);
    try {
      await navigator.clipboard.writeText(url.href);
      this.state.textContent = "The link is copied.";
    } catch {
      this.state.textContent = "The address of this page is now the link; copy it from there.";
    }
  }

  /** Takes a case as text. Python reads the text itself, so that nothing in it is lost on the way, such as a key that occurs twice. */
  async load(text, book) {
    const asked = (this.asked += 1);
    this.answer.replaceChildren();
    this.extra.replaceChildren();
    this.state.textContent = "Reading the case.";
    const read = await this.ask("read", text);
    if (read === null || asked !== this.asked) return;
    if (read.faults) {
      this.faults(read.faults);
      this.answer.append(element("p", {}, "The form is as it was before."));
      return;
    }
    this.case = read.document;
    this.book = book;
    this.bookField.control.value = this.book;
    this.drawForm();
    await this.assess(true);
  }

  // Answers -------------------------------------------------------------------------------------------------------------------------

  /** An answer of Python, which is started first if need be; null if there is none, and then the page says why. */
  async ask(name, ...args) {
    this.answering = true;
    try {
      this.starting ??= this.start();
      await this.starting;
      return await this.python.call(name, ...args);
    } catch (error) {
      this.stop();
      this.answer.replaceChildren(element("p", { class: "live-head" }, "No answer. "), element("p", {}, `Python stopped: ${error.message}`));
      this.state.textContent = "There is no answer.";
      return null;
    }
  }

  /** Nobody knows what state Python is in; the next press starts another one. */
  stop() {
    this.python?.worker.terminate();
    this.python = this.starting = null;
    this.answering = false;
    this.bar.hidden = true;
    this.state.textContent = "";
  }

  async start() {
    this.bar.hidden = false;
    this.state.textContent = "Loading Python, once: about 7 MB.";
    const python = new Python(this.found, (share) => (this.bar.value = share));
    try {
      await python.ready;
    } catch (error) {
      python.worker.terminate();
      throw error;
    }
    this.python = python;
    this.bar.hidden = true;
  }

  /** What stands there belongs to the case before: it goes, and comes again for the case as it is now. */
  changed() {
    this.text.value = JSON.stringify(this.case, null, 2);
    this.asked += 1;
    this.extra.replaceChildren();
    if (!this.answering) {
      this.answer.replaceChildren();
      if (this.python !== null) this.state.textContent = "";
      return;
    }
    this.state.textContent = "Assessing the change.";
    this.answer.classList.add("live-old");
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.assess(false), 150);
  }

  async assess(move) {
    const asked = (this.asked += 1);
    clearTimeout(this.soon);
    const [text, book] = [JSON.stringify(this.case), this.book];
    const found = await this.ask("assess", text, book);
    if (asked !== this.asked) return;
    this.answer.classList.remove("live-old");
    if (found === null) return;
    if (found.faults) this.faults(found.faults);
    else this.show(found, text, book);
    if (move) requestAnimationFrame(() => this.toAnswer()); // the page is laid out once, for the frame that shows the verdict
  }

  toAnswer() {
    this.answer.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  faults(faults) {
    this.state.textContent = `No answer: ${faults.length === 1 ? "one thing" : `${faults.length} things`} cannot be read.`;
    this.answer.replaceChildren(element("p", { class: "live-head" }, "No answer: this cannot be read."), list(faults));
  }

  show(found, text, book) {
    const focused = this.answer.contains(document.activeElement) ? document.activeElement.dataset.path : undefined;
    this.answer.replaceChildren(); // whatever comes now, the answer to another case is gone
    this.state.textContent = `Verdict: ${found.verdict}.`;
    const shadow = shadowed(found.html); // the library escapes what was entered
    const as = element("details", {}, element("summary", {}, "As text, as the command line prints it"), element("pre", { tabindex: "0" }, found.report));
    const files = element("div", { class: "live-buttons" }, button("Print", () => print()), button("Save the assessment (JSON)", () => this.saveAssessment(text, book)));
    this.answer.replaceChildren(element("p", { class: "live-small" }, `Answered by ${this.spec.books.find(({ name }) => name === book).says} (${found.rulebook}).`), shadow, ...this.questions(found.missing), as, files);
    if (focused) (find(this.answer, focused) ?? this.answer.querySelector("[data-path]"))?.focus();
    this.extra.replaceChildren(button("Plan the course from here", () => this.plan(text, book)));
  }

  /** The missing facts as questions: each is answered on the spot, or leads to its place in the form. */
  questions(missing) {
    if (!missing.length) return [];
    const items = missing.map(({ path, says }) => element("li", {}, this.question(path, says)));
    return [element("h2", {}, "What is missing"), element("ol", { class: "live-questions" }, ...items)];
  }

  toQuestions() {
    const questions = this.answer.querySelector(".live-questions");
    questions.scrollIntoView({ block: "start" });
    questions.querySelector("select, input, button").focus({ preventScroll: true });
  }

  question(path, says) {
    const [, part, place, rest] = /^(\w+)(?:\[(\d+)\])?(?:\.(.+))?$/.exec(path) ?? [];
    const key = rest?.split(".").at(-1) ?? part;
    const fields = this.fieldsOf(part, place === undefined ? null : Number(place), rest);
    const field = fields.find((one) => one.key === key && one.kind !== "several");
    if (field) return this.field({ ...field, title: says }, pathOf(path), true);
    return [`${says} `, button("Answer", () => this.lead(path), { "aria-label": `Answer: ${says}` })];
  }

  /** The fields among which a missing fact is, if it has a place in the form already. */
  fieldsOf(part, place, rest) {
    if (part === "patient") return this.spec.patient;
    if (part === "findings") return this.spec.findings[rest?.split(".")[0]] ?? [];
    if (place === null) return rest === undefined ? this.spec.planned : [];
    if (rest?.startsWith("findings.")) return this.spec.findings[this.spec.graded[this.at([part, place, "toxicity"])]] ?? [];
    return this.spec.lists[part]?.fields ?? [];
  }

  /** Goes to the field of a missing fact; an item that is not there yet is added. */
  lead(path) {
    const [, part, place, which, rest] = /^(\w+)(?:\[(\d+)\]|\.([\w-]+))?(?:\.(.+))?$/.exec(path) ?? [];
    const spec = this.spec.lists[part];
    let target = path;
    if (spec && which !== undefined) {
      const key = spec.fields[0].key;
      let n = (this.case[part] ?? []).findLastIndex((item) => item[key] === which);
      if (n < 0) {
        this.add(part, { [key]: which, ...(part === "labs" ? { unit: this.spec.units[which] } : {}) });
        n = this.case[part].length - 1;
      }
      target = `${part}[${n}].${rest ?? (part === "labs" ? "value" : "grade")}`;
    } else if (spec && place !== undefined && rest === undefined) target = `${part}[${place}].${spec.fields[1].key}`;
    const field = find(this.form, target) ?? find(this.form, part);
    for (let box = field?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    field?.scrollIntoView({ block: "center" });
    field?.focus();
  }

  async saveAssessment(text, book) {
    const asked = this.asked;
    const found = await this.ask("document", text, book);
    if (found?.document && asked === this.asked) save("assessment.json", found.document);
  }

  async plan(text, book) {
    const asked = this.asked;
    const found = await this.ask("plan", text, book);
    if (found === null || asked !== this.asked) return;
    if (found.faults) {
      this.extra.replaceChildren(element("p", { class: "live-head" }, "No plan follows from this case."), list(found.faults));
      return;
    }
    const picture = element("div", { class: "live-picture", tabindex: "0", role: "group", "aria-label": `${found.title}: the same as the text below` });
    picture.innerHTML = found.svg; // drawn by the library, which escapes what was entered
    const says = element("details", { open: "" }, element("summary", {}, "The plan as text"), element("pre", { tabindex: "0" }, found.report));
    this.extra.replaceChildren(element("h2", {}, "The course from here"), picture, says);
    this.state.textContent = "The plan is shown below the assessment.";
  }
}

const find = (form, path) => [...form.querySelectorAll("[data-path]")].find((field) => field.dataset.path === path);

/** A path as the library writes it: `events[0].grade`. */
const dottedOf = (path) => path.reduce((text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${key}` : key), "");

/** The keys of such a path. */
const pathOf = (text) => [...text.matchAll(/[^.[\]]+/g)].map(([key]) => (/^\d+$/.test(key) ? Number(key) : key));

const placeholderOf = ({ kind, hint }) => (kind === "time" ? "2026-01-31 09:00" : (hint ?? NOT_KNOWN));

function save(name, text) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const encoded = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const decoded = (text) => new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.codePointAt(0)));

/** The case that the address of the page carries; undefined if it carries none, null if it cannot be read. */
function linked() {
  if (!location.hash.startsWith("#case=")) return undefined;
  try {
    const { case: document_, rulebook } = JSON.parse(decoded(location.hash.slice("#case=".length)));
    return { text: JSON.stringify(document_), rulebook };
  } catch {
    return null;
  }
}

async function begin(place) {
  const say = (...lines) => place.replaceChildren(...lines.map((line) => element("p", {}, line)));
  const command = element("code", {}, "python -m tarlatamab_rules assess CASE.json");
  const instead = element("p", {}, "The command line gives the same answers: ", command, ". ", element("a", { href: "questions.html" }, "Single questions"), " are answered without Python.");
  const why = lacking();
  if (why) return say(why, instead);
  const found = await runtime();
  if (found === null) return say("These pages were built without Python in them, so no whole case can be assessed here.", instead);
  const spec = await (await fetch(new URL("case_form.json", folder))).json();
  const page = new Page(place, spec, found);
  const from = linked();
  if (from === null) page.faults(["The link to this page is damaged: copy it whole."]);
  else if (from && !spec.books.some(({ name }) => name === from.rulebook)) page.faults([`The link asks ${from.rulebook}, which these pages do not have: make it again.`]);
  else if (from) await page.load(from.text, from.rulebook);
}

for (const place of document.querySelectorAll(".live-case")) begin(place);
