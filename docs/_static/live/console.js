// Lets a reader change the examples of a page and run them: Python in a worker, loaded when the first one is run. Cells share their names.
import { button, element, shadowed } from "./dom.js";
import { Python, lacking, runtime } from "./python.js";

const PROMPT = /^(>>>|\.\.\.) ?/;
let python = null;
let report = () => null;

/** The source of a block: of a session of an interpreter, the lines with a prompt, without it; of anything else, all lines. */
function sourceOf(block) {
  const code = block.cloneNode(true);
  for (const other of code.querySelectorAll("button")) other.remove(); // the one that copies
  const lines = code.textContent.trimEnd().split("\n");
  return (lines.some((line) => PROMPT.test(line)) ? lines.filter((line) => PROMPT.test(line)).map((line) => line.replace(PROMPT, "")) : lines).join("\n");
}

class Cell {
  constructor(block, before, found) {
    Object.assign(this, { block, before, found, source: sourceOf(block), ran: false });
    this.open = button("Edit and run", () => this.edit(), { class: "live-edit" });
    (block.closest(".cell_input") ?? block.closest("[class*=highlight-]") ?? block).after(this.open);
  }

  edit() {
    const rows = this.source.split("\n").length + 1;
    this.text = element("textarea", { rows: String(rows), spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": "Python to run" });
    this.text.value = this.source;
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.shiftKey || event.metaKey)) {
        event.preventDefault();
        this.run();
      }
    });
    this.output = element("div", { class: "live-output", role: "status", "aria-live": "polite" });
    const again = button("As it was", () => (this.text.value = this.source));
    const help = element("span", { class: "live-small" }, "or Ctrl+Enter. What comes before on this page is run first, once. Python runs in your browser.");
    this.open.replaceWith(element("div", { class: "live-console live-case" }, this.text, element("div", {}, button("Run", () => this.run(), { class: "live-go" }), again, help), this.output));
    this.text.focus();
    python ??= start(this.found); // it loads while the reader edits
    python.catch(() => null); // said when the example is run
  }

  async run() {
    this.output.textContent = "Loading Python, once: about 7 MB.";
    try {
      report = (share) => (this.output.textContent = `Loading Python: ${Math.round(share * 100)} %`);
      python ??= start(this.found);
      const ready = await python;
      this.output.textContent = "Running.";
      for (const cell of this.before.filter(({ ran }) => !ran)) {
        const { printed, failed } = await ready.call("run", cell.text?.value ?? cell.source, "page");
        if (failed) return this.show(`An example before this one failed, so this one was not run.\n\n${printed}`, null);
        cell.ran = true;
      }
      const { printed, html } = await ready.call("run", this.text.value, "page");
      this.ran = true;
      return this.show(printed, html);
    } catch (error) {
      const [, name] = /No module named '([\w.]+)'/.exec(error.message) ?? [];
      return (this.output.textContent = name ? `This needs ${name}, which this page does not load. Download the notebook, and run it in Jupyter.` : `Python stopped: ${error.message}`);
    }
  }

  show(printed, html) {
    const parts = printed ? [element("pre", { tabindex: "0" }, printed)] : [];
    if (html) parts.push(shadowed(html)); // no script in it can run: the policy of the page forbids that
    this.output.replaceChildren(...(parts.length ? parts : ["Done; nothing is printed."]));
  }
}

async function start(found) {
  const started = new Python(found, (share) => report(share));
  try {
    await started.ready;
    return started;
  } catch (error) {
    python = null;
    throw error;
  }
}

const blocks = document.querySelectorAll(".cell_input pre, .highlight-python pre, .highlight-pycon pre");
const found = lacking() ? null : await runtime();
if (found !== null) {
  const cells = [];
  for (const block of blocks) cells.push(new Cell(block, [...cells], found));
}
