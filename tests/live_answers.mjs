// Answers questions for tests/test_live.py: compiled tables and facts from the standard input, answers to the standard output, as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const live = await import(pathToFileURL(process.argv[2]));
const { document, asks = [], numbers = [] } = JSON.parse(readFileSync(0, "utf8"));

function seen(asked, found) {
  return {
    answer: found.answer,
    possible: found.possible.map((at) => (at === null ? null : asked.values[at].value)),
    missing: found.missing,
    rows: found.reasons.map((at) => document.reasons[at].row),
    unsettled: found.unsettled,
    caveats: found.caveats,
    dissent: found.dissent.map((at) => {
      const { rulebook, field, value, reasons } = asked.dissents[at];
      return { rulebook, field, value, rows: reasons.map((reason) => document.reasons[reason].row) };
    }),
  };
}

/** The least time of an answer, of some that are measured one by one. */
function least(asked, facts, times) {
  let found = Infinity;
  for (let n = 0; n < times; n += 1) {
    const began = performance.now();
    live.answer(asked, facts, document);
    found = Math.min(found, performance.now() - began);
  }
  return { microseconds: 1000 * found };
}

function answered({ name, about, facts, more, times }) {
  const asked = live.question(document, name, about);
  if (times) return least(asked, facts, times);
  try {
    const spans = live.spansOf(asked, facts);
    const found = seen(asked, live.resolve(asked, spans, document));
    if (!more) return found;
    const words = (n, codes) => live.inWords(asked.axes[n], codes);
    const next = live.askNext(asked, spans, document).map(({ axis, outcomes }) => ({
      fact: asked.axes[axis].fact,
      outcomes: outcomes.map(({ codes, answer }) => [words(axis, codes), seen(asked, answer).possible]),
    }));
    const near = live.nearest(asked, spans, document).map(({ when, answer }) => ({
      when: when.map(({ axis, codes }) => [asked.axes[axis].key, words(axis, codes)]),
      possible: seen(asked, answer).possible,
    }));
    return { ...found, next, near };
  } catch (error) {
    if (error instanceof live.Contradiction) return { contradiction: error.message };
    throw error;
  }
}

process.stdout.write(JSON.stringify({ answers: asks.map(answered), numbers: numbers.map(live.rounded) }));
