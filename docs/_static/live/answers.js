// Answers the questions of a rulebook from its compiled tables, as `tarlatamab_rules.formats.compiled` writes them.
//
// Nothing here is about a drug: every limit, row and word is in the document. It works in a browser and in Node, and touches no page.
// A fact is a member, a number, or null, which means not known. A code says in which band or group a fact is; a span lists the codes
// that a fact may have.

/** A fact that cannot be, by itself or together with another one. */
export class Contradiction extends Error {}

/** The question of a document with this name and subject. */
export function question(document, name, about) {
  return document.questions.find((asked) => asked.name === name && asked.about === about);
}

/** A number as the library compares it: 15 significant digits, and of two equally near ones the even one, as Python rounds. */
export function rounded(number) {
  const [digits, exponent = "0"] = number.toPrecision(100).split("e");
  const written = digits.replace(/^-|\./g, "").replace(/^0+/, "");
  const tie = written[15] === "5" && !/[^0]/.test(written.slice(16)) && Number(written[14]) % 2 === 0;
  if (!tie) return Number(number.toPrecision(15));
  const sign = number < 0 ? "-" : "";
  const whole = digits.replace(/^-/, "").split(".")[0].replace(/^0+/, "");
  const places = whole ? whole.length : -digits.replace(/^-?0*\.?/, "").search(/[1-9]/);
  return Number(`${sign}0.${written.slice(0, 15)}e${places + Number(exponent)}`);
}

/** The code of a known fact on an axis. */
export function codeOf(axis, fact) {
  if (axis.members) {
    const place = axis.members.indexOf(fact);
    if (place < 0) throw new Contradiction(`${axis.title}: ${fact} is not one of ${axis.says.join(", ")}`);
    return axis.codes[place];
  }
  if (typeof fact !== "number" || Number.isNaN(fact)) throw new Contradiction(`${axis.title}: write a number, such as 2.5`);
  if (axis.whole && !Number.isInteger(fact)) throw new Contradiction(`${axis.title}: write a whole number`);
  const [first, last] = [axis.cuts[0] ?? -Infinity, axis.cuts.at(-1) ?? Infinity];
  if (!Number.isFinite(fact) || fact < first || fact >= last) throw new Contradiction(`${axis.title}: ${fact} cannot be`);
  let code = axis.cuts.length - 2;
  while (code > 0 && fact < axis.cuts[code]) code -= 1;
  return code;
}

/** How many codes an axis has. */
export const codesOf = (axis) => (axis.members ? Math.max(...axis.codes) + 1 : axis.cuts.length - 1);

/** The codes that each fact may have. */
export function spansOf(asked, facts) {
  return asked.axes.map((axis, n) => (facts[n] === null ? [...Array(codesOf(axis)).keys()] : [codeOf(axis, facts[n])]));
}

/** The answer to a question for one fact an axis. */
export const answer = (asked, facts, document) => resolve(asked, spansOf(asked, facts), document);

/** The answer when each fact has one of the codes of its span: what all cells say together. */
export function resolve(asked, spans, document) {
  const cells = cellsOf(asked, spans);
  const possible = cells.filter((cell) => asked.cells[cell] >= 0);
  if (!possible.length) throw new Contradiction(asked.impossible[-1 - asked.cells[cells[0]]]);
  const places = placesOf(asked, possible);
  const parts = places.map((place) => asked.answers[place]);
  if (parts.length === 1) return result(asked, document, places, parts[0]);
  const values = differing(asked, parts);
  const joined = { reasons: union(parts.map((part) => part.reasons ?? [])), dissent: dissentOf(asked, parts) };
  if (values.length > 1) return result(asked, document, places, joined, values, deciding(asked, spans, possible));
  return result(asked, document, places, { ...joined, reasons: sharedReasons(joined.reasons, parts, document) }, values);
}

/** The different answers of some cells, in the order in which they first come. */
function placesOf(asked, cells) {
  const seen = new Uint8Array(asked.answers.length);
  const places = [];
  for (let n = 0; n < cells.length; n += 1) {
    const place = asked.cells[cells[n]];
    if (!seen[place]) places.push(place);
    seen[place] = 1;
  }
  return places;
}

function result(asked, document, places, part, possible = [part.value ?? null], missing = []) {
  const reasons = part.reasons ?? [];
  const dissent = part.dissent ?? [];
  const all = [...reasons, ...dissent.flatMap((at) => asked.dissents[at].reasons)].map((at) => document.reasons[at]);
  return {
    answer: possible.length > 1 ? "needs-data" : possible[0] === null ? "not-covered" : "decided",
    possible,
    missing,
    reasons,
    dissent,
    unsettled: all.some((reason) => reason.unsettled),
    caveats: [...new Set(all.map((reason) => reason.caveat).filter(Boolean))],
    places,
  };
}

/** The values of some answers, those that are equal once; null is silence. */
function differing(asked, parts) {
  const first = new Map();
  for (const part of parts) {
    const same = sameOf(asked, part.value ?? null);
    if (!first.has(same)) first.set(same, part.value ?? null);
  }
  return [...first.values()];
}

/** The open facts that tell the answers of cells apart, each by itself; all open facts if none does. */
function deciding(asked, spans, cells) {
  const open = [...spans.keys()].filter((n) => spans[n].length > 1);
  const telling = open.filter((n) => matters(asked, n, cells));
  return [...new Set((telling.length ? telling : open).map((n) => asked.axes[n].fact))];
}

/** Whether two cells that differ in the n-th fact alone have different values. */
function matters(asked, n, cells) {
  const { axes, sames } = preparedOf(asked);
  const { step, count } = axes[n];
  const seen = new Int32Array(asked.cells.length); // the value of each cell without that fact, counted from 1
  for (let at = 0; at < cells.length; at += 1) {
    const cell = cells[at];
    const rest = cell - (Math.floor(cell / step) % count) * step;
    if (seen[rest] === 0) seen[rest] = sames[cell];
    else if (seen[rest] !== sames[cell]) return true;
  }
  return false;
}

/** The reasons that hold in every cell, or all if none does. What is not settled and what has a caveat stays. */
function sharedReasons(every, parts, document) {
  const shared = every.filter((at) => parts.every((part) => part.reasons?.includes(at)));
  const kept = union([shared, every.filter((at) => document.reasons[at].unsettled)]);
  return union([kept.length ? kept : every, every.filter((at) => document.reasons[at].caveat)]);
}

/** What other sources say instead: the same thing once, with the reasons of the first. */
function dissentOf(asked, parts) {
  const first = new Map();
  for (const at of union(parts.map((part) => part.dissent ?? []))) {
    const { same } = asked.dissents[at];
    if (!first.has(same)) first.set(same, at);
  }
  return [...first.values()];
}

/** The open facts that bear on an answer, the one that settles most first, each with what follows from its values. */
export function askNext(asked, spans, document) {
  const now = resolve(asked, spans, document);
  if (now.answer !== "needs-data") return [];
  const cells = cellsOf(asked, spans).filter((cell) => asked.cells[cell] >= 0);
  const open = [...spans.keys()].filter((n) => spans[n].length > 1).map((n) => candidate(asked, spans, document, n, cells, now));
  const bearing = open.filter(({ bears }) => bears);
  const asks = bearing.length ? bearing : open;
  return asks.sort((one, other) => one.share - other.share || one.left - other.left);
}

function candidate(asked, spans, document, axis, cells, now) {
  const { step, count } = preparedOf(asked).axes[axis];
  const codes = [...new Set(Array.from(cells, (cell) => Math.floor(cell / step) % count))].sort((one, other) => one - other);
  const after = codes.map((code) => ({ codes: [code], answer: resolve(asked, spans.with(axis, [code]), document) }));
  const open = after.filter((each) => each.answer.answer === "needs-data").map((each) => each.answer.possible.length);
  const left = open.reduce((sum, count) => sum + count, 0);
  const bears = matters(asked, axis, cells) || after.some((each) => !sameSet(asked, each.answer.possible, now.possible));
  const outcomes = boxes(asked, [asked.axes[axis]], after).sort((one, other) => one.box[0][0] - other.box[0][0]);
  return { axis, bears, share: open.length / after.length, left, outcomes: outcomes.map(({ box, answer }) => ({ codes: box[0], answer })) };
}

/** The smallest changes of known facts that give another answer; of numbers, the nearest bands and those beyond with the same answer. */
export function nearest(asked, spans, document) {
  const now = resolve(asked, spans, document).possible;
  const known = [...spans.keys()].filter((n) => spans[n].length === 1 && codesOf(asked.axes[n]) > 1);
  for (let count = 1; count <= known.length; count += 1) {
    const found = [...combinations(known, count)].flatMap((changed) => changes(asked, spans, document, changed, now));
    if (found.length) return found;
  }
  return [];
}

function changes(asked, spans, document, changed, now) {
  const axes = changed.map((n) => asked.axes[n]);
  const start = changed.map((n) => spans[n][0]);
  const others = axes.map((axis, n) => [...Array(codesOf(axis)).keys()].filter((code) => code !== start[n]));
  const answers = [];
  for (const codes of product(others)) {
    const then = changed.reduce((all, n, place) => all.with(n, [codes[place]]), spans);
    const answer = possibly(asked, then, document);
    if (answer && !sameSet(asked, answer.possible, now)) answers.push({ codes, answer });
  }
  const isNear = ({ codes }) => !answers.some((other) => nearer(other.codes, codes, start, axes));
  const near = new Set(answers.filter(isNear).map(({ codes }) => codes.join()));
  const found = boxes(asked, axes, answers).filter(({ box }) => [...product(box)].some((codes) => near.has(codes.join())));
  return found.map(({ box, answer }) => ({ when: changed.map((n, place) => ({ axis: n, codes: box[place] })), answer }));
}

function possibly(asked, spans, document) {
  try {
    return resolve(asked, spans, document);
  } catch (error) {
    if (error instanceof Contradiction) return null;
    throw error;
  }
}

/** Whether one cell has the members of another, and every number in the same direction from the start and at most as far. */
function nearer(cell, other, start, axes) {
  return (
    cell.join() !== other.join() &&
    cell.every((near, n) => {
      const [far, origin] = [other[n], start[n]];
      return axes[n].members ? near === far : (origin < near && near <= far) || (far <= near && near < origin);
    })
  );
}

/** Cells with the same answer, joined into boxes: members whatever their places, numbers only if they are neighbours. */
function boxes(asked, axes, cells) {
  const answers = new Map(cells.map(({ codes, answer }) => [codes.join(), answer]));
  const alike = new Map();
  for (const cell of cells) {
    const key = JSON.stringify([cell.answer.missing, cell.answer.possible.map((value) => sameOf(asked, value)).sort()]);
    if (!alike.has(key)) alike.set(key, []);
    alike.get(key).push(cell);
  }
  const found = [...alike.values()].flatMap((of) => merged(of, axes));
  return found.map((box) => ({ box, answer: answers.get(box.map(([first]) => first).join()) }));
}

function merged(cells, axes) {
  let found = cells.map(({ codes }) => codes.map((code) => [code]));
  for (const [n, axis] of axes.entries()) {
    const alike = new Map();
    for (const box of found) {
      const key = JSON.stringify(box.toSpliced(n, 1));
      if (!alike.has(key)) alike.set(key, { box, codes: [] });
      alike.get(key).codes.push(...box[n]);
    }
    found = [...alike.values()].flatMap(({ box, codes }) => runs(axis, codes).map((run) => box.with(n, run)));
  }
  return found;
}

function runs(axis, codes) {
  const sorted = [...codes].sort((one, other) => one - other);
  if (axis.members) return [sorted];
  const found = [];
  for (const code of sorted) {
    if (found.length && found.at(-1).at(-1) === code - 1) found.at(-1).push(code);
    else found.push([code]);
  }
  return found;
}

/** What some codes of an axis mean, in the words of the document. */
export function inWords(axis, codes) {
  if (axis.members) return axis.says.filter((_, place) => codes.includes(axis.codes[place])).join(" or ");
  return axis.runs[codes[0]][codes.length - 1];
}

/** The places in `cells` of all combinations of some codes, the last axis running fastest. */
function cellsOf(asked, spans) {
  const cells = new Int32Array(spans.reduce((size, codes) => size * codes.length, 1));
  let filled = 1;
  for (const [n, { step }] of preparedOf(asked).axes.entries()) {
    const codes = spans[n];
    for (let at = filled - 1; at >= 0; at -= 1) { // from the end, so that nothing is overwritten before it is read
      const cell = cells[at];
      for (let code = codes.length - 1; code >= 0; code -= 1) cells[at * codes.length + code] = cell + codes[code] * step;
    }
    filled *= codes.length;
  }
  return cells;
}

const prepared = new WeakMap();

/** What every answer to a question needs, worked out once: how many codes each axis has, how far apart two of them are in `cells`, and which
 * cells have equal values. Forms ask at each change. */
function preparedOf(asked) {
  if (!prepared.has(asked)) {
    const axes = [];
    let step = 1;
    for (const axis of asked.axes.toReversed()) {
      axes.unshift({ step, count: codesOf(axis) });
      step *= codesOf(axis);
    }
    const same = asked.answers.map(({ value }) => (value === undefined ? 1 : 2 + sameOf(asked, value))); // 1: silence
    prepared.set(asked, { axes, sames: Int32Array.from(asked.cells, (place) => (place < 0 ? 0 : same[place])) });
  }
  return prepared.get(asked);
}

/** What is in any of some lists, once, in the order in which it first comes. */
function union(lists) {
  const seen = new Set();
  for (const list of lists) for (const item of list) seen.add(item);
  return [...seen];
}
const sameOf = (asked, value) => (value === null ? null : asked.values[value].same);

function sameSet(asked, one, other) {
  const found = new Set(other.map((value) => sameOf(asked, value)));
  return one.length === other.length && one.every((value) => found.has(sameOf(asked, value)));
}

function* product([first, ...rest]) {
  if (first === undefined) yield [];
  else for (const code of first) for (const codes of product(rest)) yield [code, ...codes];
}

function* combinations(items, count) {
  if (count === 0) yield [];
  else
    for (const [n, item] of items.entries()) for (const more of combinations(items.slice(n + 1), count - 1)) yield [item, ...more];
}
