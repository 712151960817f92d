// Uses the built pages as a reader does, in chromium, and prints what it saw as JSON; tests/test_page.py says what must be seen.
//
//     node page.mjs FOLDER-OF-NODE-MODULES URL FOLDER-FOR-PICTURES CHROMIUM
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, url, pictures, executablePath] = process.argv.slice(2);
const load = createRequire(join(modules, "node_modules", "here.js"));
const { chromium } = load("playwright-core");
const axe = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
const seen = { hosts: [], problems: [], axe: {}, examples: {} };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

const PHONE = { width: 390, height: 844, isMobile: true };

async function opened(path, { width = 1280, height = 900, isMobile = false, dark = false, before = null, quiet = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, isMobile, hasTouch: isMobile, colorScheme: dark ? "dark" : "light", bypassCSP: false });
  const page = await context.newPage();
  page.on("request", (request) => seen.hosts.push(new URL(request.url()).host));
  page.on("pageerror", (error) => seen.problems.push(`${path}: ${error.message}`));
  page.on("console", (message) => {
    if (!quiet && message.type() === "error" && !message.location().url.endsWith("favicon.ico")) seen.problems.push(`${path}: ${message.text()}`);
  });
  if (before) await before(page);
  await page.goto(new URL(path, url).href);
  return page;
}

/** What axe-core finds wrong, in what this project adds to a page; the script is run by the browser's tools, past the policy. */
async function audited(name, page) {
  const client = await page.context().newCDPSession(page);
  await client.send("Page.enable");
  const evaluate = (expression) => client.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  await evaluate(axe);
  const what = "axe.run({ include: [['.content']] }).then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`))";
  const { result, exceptionDetails } = await evaluate(what);
  seen.axe[name] = exceptionDetails ? [exceptionDetails.exception?.description ?? exceptionDetails.text] : result.value;
}

/** Whether all of an element is in the window. */
const inSight = (page, selector) => page.evaluate((of) => {
  const { top, bottom } = document.querySelector(of).getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight + 1;
}, selector);

/** Bare Python of the same files in a worker: what no page with Python in it can fall below. */
const BARE = `
  import { loadPyodide } from "./runtime/pyodide.mjs";
  const folder = new URL("./runtime/", import.meta.url);
  const network = globalThis.fetch;
  globalThis.fetch = async (what, options) => {
    const name = new URL(what.url ?? what, location.href).pathname.split("/").at(-1);
    const type = { "pyodide.asm.wasm": "application/wasm", "python.zip": "application/zip" }[name];
    if (!type) return network(what, options);
    const { body } = await network(new URL(name + ".packed", folder));
    return new Response(body.pipeThrough(new DecompressionStream("gzip")), { headers: { "content-type": type } });
  };
  const { info } = await (await network(new URL("../runtime.json", folder))).json();
  await loadPyodide({ indexURL: folder.href, stdLibURL: new URL("python.zip", folder).href, lockFileContents: { info, packages: {} }, packageBaseUrl: folder.href });
  postMessage(null);`;

/** How long bare Python takes, and a case that is handed over before anything is loaded, to its verdict; in milliseconds, neither from a cache. */
async function coldStarts() {
  const bare = await opened("try/assess.html", { before: (page) => page.route("**/bare.js", (route) => route.fulfill({ body: BARE, contentType: "text/javascript" })) });
  await bare.locator(".live-go").waitFor();
  const alone = await bare.evaluate(async () => {
    const began = performance.now();
    await new Promise((resolve) => (new Worker(new URL("../_static/live/bare.js", location.href), { type: "module" }).onmessage = resolve));
    return performance.now() - began;
  });
  await bare.context().close();
  const page = await opened("try/assess.html");
  await page.locator(".live-go").waitFor();
  const timed = (start) => page.evaluate((text) => new Promise((resolve) => {
    const began = performance.now();
    const state = document.querySelector(".live-state");
    const watch = new MutationObserver(() => {
      if (!/^Verdict/.test(state.textContent)) return;
      watch.disconnect();
      resolve(performance.now() - began);
    });
    watch.observe(state, { childList: true });
    if (text) document.querySelector("#part-json textarea").value = text;
    [...document.querySelectorAll("button")].find(({ textContent }) => textContent === (text ? "Use this JSON" : "Assess")).click();
  }), start);
  const first = await timed('{"point": "C1D8"}');
  const later = [];
  for (let n = 0; n < 30; n += 1) later.push(await timed(""));
  await page.context().close();
  return { alone, first, later: later.toSorted((one, other) => one - other)[15] };
}

const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
const settled = (page) => page.waitForFunction(() => /^Verdict|^No answer|^There is no answer/.test(document.querySelector(".live-state")?.textContent) && !document.querySelector(".live-old"), null, { timeout: 120_000 });

// Single questions
{
  const page = await opened("try/questions.html");
  const form = page.locator('details.live[data-question="toxicity_action"]');
  const began = Date.now();
  await form.locator("summary").focus();
  await page.keyboard.press("Enter"); // the keyboard alone
  await form.locator(".live-head").first().waitFor();
  seen.firstQuestion = Date.now() - began;
  await form.getByLabel("about", { exact: true }).selectOption("icans");
  seen.open = await form.locator(".live-answer").innerText();
  await form.getByLabel("grade", { exact: true }).selectOption("3");
  seen.inEveryCase = await form.locator(".live-answer").innerText();
  await form.getByLabel("current grade", { exact: true }).selectOption("3");
  seen.icans3 = await form.locator(".live-answer").innerText();
  await form.getByLabel("current grade", { exact: true }).selectOption("4");
  seen.contradiction = await form.locator(".live-answer").innerText();
  await form.getByLabel("current grade", { exact: true }).selectOption("");
  await form.getByLabel("about", { exact: true }).selectOption("infection");
  seen.infection = await form.locator(".live-answer .live-head").first().innerText();
  const eligibility = page.locator('details.live[data-question="eligibility"]');
  await eligibility.locator("summary").click();
  await eligibility.getByLabel("about", { exact: true }).selectOption("age in years");
  const age = eligibility.getByLabel("age in years", { exact: true });
  seen.ages = {};
  for (const text of ["17.9999", "18", "18,5", "-1", "<script>", ""]) {
    await age.fill(text);
    seen.ages[text] = await eligibility.locator(".live-answer .live-head").first().innerText();
  }
  const premedication = page.locator('details.live[data-question="premedication_plan"]');
  await premedication.locator("summary").click();
  await premedication.getByLabel("dose", { exact: true }).selectOption("C1D1, C1D8, C1D15");
  seen.switched = {};
  for (const book of ["us-2025-11", "precautions-2025-09"]) {
    await premedication.getByLabel("sources that answer").selectOption(`${book}.json`);
    await page.waitForTimeout(500);
    seen.switched[book] = await premedication.getByLabel("dose", { exact: true }).evaluateAll((fields) => fields.map(({ value }) => value));
  }
  await page.evaluate(() => { for (const details of document.querySelectorAll("details.live")) details.open = true; });
  await page.waitForTimeout(500);
  await audited("questions", page);
  await picture(page, "questions-desktop-light");
  const dark = await opened("try/questions.html", { ...PHONE, dark: true });
  await dark.locator('details.live[data-question="toxicity_action"] > summary').click();
  await dark.locator('details.live[data-question="toxicity_action"] .live-head').first().waitFor();
  await audited("questions, phone, dark", dark);
  seen.phoneOverflow = await dark.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await picture(dark, "questions-phone-dark");
}

// The rows of a page are highlighted
{
  const page = await opened("reference/rulebooks/default.html");
  await page.locator('details.live[data-question="eligibility"] > summary').click();
  await page.locator('details.live[data-question="eligibility"] select[name="about"]').selectOption("age in years");
  await page.getByLabel("age in years", { exact: true }).first().fill("40");
  seen.highlighted = await page.locator("tr.live-row").allInnerTexts();
  const book = await opened("reference/rulebooks/us-2025-11.html");
  await book.locator('details.live[data-question="monitoring_duration"] > summary').click();
  await book.locator('details.live[data-question="monitoring_duration"] .live-head').first().waitFor();
  seen.highlightedInBook = await book.locator("tr.live-row").count();
}

// A whole case
{
  const page = await opened("try/assess.html");
  const first = page;
  const began = Date.now();
  await page.getByLabel("planned dose", { exact: true }).fill("C1D8");
  await page.getByRole("button", { name: "Assess", exact: true }).click();
  await settled(page);
  seen.firstVerdict = Date.now() - began;
  seen.newUser = await page.locator(".live-state").innerText();
  seen.newUserMissing = await page.locator(".live-questions > li").allInnerTexts();
  await page.locator(".live-questions").getByLabel("diagnosis", { exact: true }).selectOption("other");
  await settled(page);
  await page.waitForFunction(() => document.querySelector(".live-state").textContent.includes("excluded"), null, { timeout: 20_000 });
  seen.filled = await page.locator('#part-patient select[data-path="patient.diagnosis"]').inputValue();
  const options = await page.getByLabel("Load an example").locator("option").allInnerTexts();
  seen.laterMs = [];
  for (const title of options.slice(1)) {
    const start = Date.now();
    await page.getByLabel("Load an example").selectOption({ label: title });
    await page.waitForFunction((text) => document.querySelector(".live-state").textContent === text, `Verdict: ${/\((.*)\)/.exec(title)[1]}.`, { timeout: 20_000 }).catch(() => null);
    await settled(page);
    seen.laterMs.push(Date.now() - start);
    seen.examples[title] = await page.locator(".live-report pre").textContent();
  }
  await page.getByLabel("Load an example").selectOption({ label: options.find((title) => title.startsWith("clean")) });
  await settled(page);
  await page.getByRole("button", { name: "Plan the course from here" }).click();
  await page.locator(".live-picture svg").waitFor({ timeout: 20_000 });
  seen.plan = await page.locator(".live-extra pre").textContent();
  seen.python = (await page.evaluate(() => performance.getEntriesByType("resource").reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)));
  await audited("assess", page);
  await picture(page, "assess-desktop-light");

  // JSON in: faults by the text itself, a unit of pint, a time zone
  const json = async (text, page = first) => {
    await page.locator("#part-json").evaluate((details) => (details.open = true));
    await page.locator("#part-json textarea").fill(text);
    await page.getByRole("button", { name: "Use this JSON" }).click();
    await settled(page);
    return page.locator(".live-report").innerText();
  };
  seen.twice = await json('{"point": "C1D1", "point": "C1D8"}');
  seen.unknownKey = await json('{"point": "C1D1", "ordred": "1 mg"}');
  seen.markup = await json('{"point": "C1D1", "site_zone": "<img src=x onerror=alert(1)>"}');
  seen.images = await page.locator(".live-report img").count();
  seen.zone = await json('{"point": "C1D1", "planned_start": "2026-01-12T09:30:00+01:00", "site_zone": "Europe/Berlin"}');
  seen.pint = await json('{"point": "C1D1", "planned_start": "2026-01-12T09:30:00", "labs": [{"analyte": "hemoglobin", "value": 8.1, "unit": "mol/m**3", "collected": "2026-01-12T08:00:00"}]}');

  const broken = await opened("try/assess.html", { quiet: true });
  await broken.locator(".live-go").waitFor();
  seen.deep = await json("[".repeat(200_000), broken); // deeper than the stack of a browser: Python breaks down, and is started anew
  seen.afterDeep = await json('{"point": "C1D1", "patient": {"age_years": 17}}', broken);

  // A link carries the case, and no request does
  await json('{"point": "C1D1", "patient": {"age_years": 17}}');
  await page.getByRole("button", { name: "Copy a link" }).click();
  await page.waitForFunction(() => location.hash.startsWith("#case="));
  const other = await opened("try/assess.html");
  await other.goto(page.url());
  await other.reload();
  await settled(other);
  seen.linked = [await other.locator(".live-state").innerText(), await other.locator('[data-path="patient.age_years"]').first().inputValue()];
  const phone = await opened("try/assess.html", { ...PHONE, dark: true });
  await phone.locator(".live-go").waitFor();
  seen.footInSight = [await inSight(phone, ".live-foot")];
  const buttonAt = () => phone.locator(".live-go").evaluate((button) => Math.round(button.getBoundingClientRect().top));
  seen.buttonAt = [await buttonAt()];
  await phone.getByLabel("Load an example").selectOption({ label: options.find((title) => title.startsWith("half")) });
  await settled(phone);
  seen.buttonAt.push(await buttonAt());
  seen.footInSight.push(await inSight(phone, ".live-foot"));
  await audited("assess, phone, dark", phone);
  seen.phoneOverflowAssess = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await picture(phone, "assess-phone-dark");
}

// Where it cannot run
{
  const without = await opened("try/assess.html", { before: (page) => page.addInitScript(() => { delete globalThis.WebAssembly; }) });
  await without.locator(".live-case p").first().waitFor();
  await without.waitForTimeout(300);
  seen.withoutWasm = await without.locator(".live-case").innerText();
  const plain = await opened("try/assess.html", { before: (page) => page.route("**/runtime.json", (route) => route.fulfill({ json: {} })) });
  await plain.waitForTimeout(500);
  seen.withoutPython = await plain.locator(".live-case").innerText();
}

// The console of a tutorial
{
  const page = await opened("tutorials/first_assessment.html");
  const answered = () => page.waitForFunction(() => { const output = document.querySelector(".live-output"); return output.childElementCount || /^(Done|This|Python)/.test(output.textContent); }, null, { timeout: 120_000 });
  await page.getByRole("button", { name: "Edit and run" }).last().click(); // all examples of the page, as they stand
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await answered();
  seen.asItStands = await page.locator(".live-output").evaluate((output) => output.textContent + (output.querySelector("div")?.shadowRoot?.textContent ?? ""));
  await page.locator(".live-console textarea").fill("from tarlatamab_rules import monitoring_duration\nprint(6 * 7)\nmonitoring_duration('C1D8')");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForFunction(() => /42|stopped|needs/.test(document.querySelector(".live-output")?.textContent), null, { timeout: 120_000 });
  seen.console = await page.locator(".live-output").innerText();
  await page.locator(".live-console textarea").fill("1 / 0");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForFunction(() => /Zero/.test(document.querySelector(".live-output").textContent), null, { timeout: 20_000 });
  seen.consoleError = await page.locator(".live-output").innerText();
  await audited("tutorial", page);
}

// From the start page, as a new user on a phone
{
  const page = await opened("index.html", PHONE);
  const way = page.locator('.content a[href="try/assess.html"]').first();
  seen.wayInSight = await way.evaluate((link) => link.getBoundingClientRect().bottom <= innerHeight);
  await way.click();
  await page.getByRole("button", { name: "Assess", exact: true }).waitFor();
  seen.fromIndex = page.url();
  await page.getByLabel("planned dose", { exact: true }).fill("C1D8");
  await page.locator(".live-go").click();
  await settled(page);
  await page.locator(".live-jump").click();
  seen.jumped = await page.evaluate(() => document.activeElement.closest(".live-questions > li")?.innerText.split("\n")[0]);
}

// Pictures, to be looked at
for (const [size, name] of [[PHONE, "phone"], [{}, "desktop"]]) {
  for (const dark of [false, true]) {
    const suffix = `${name}-${dark ? "dark" : "light"}`;
    const shot = (page, what) => page.screenshot({ path: join(pictures, `${what}-${suffix}.png`) });
    const question = await opened("try/questions.html", { ...size, dark });
    const form = question.locator('details.live[data-question="toxicity_action"]');
    await form.locator("summary").click();
    await form.getByLabel("grade", { exact: true }).selectOption("3");
    await form.screenshot({ path: join(pictures, `question-${suffix}.png`) });
    const case_ = await opened("try/assess.html", { ...size, dark });
    await case_.locator(".live-go").waitFor();
    await shot(case_, "assess-before");
    await case_.getByLabel("planned dose", { exact: true }).fill("C1D8");
    await case_.locator(".live-go").click();
    await settled(case_);
    await case_.waitForTimeout(1000); // it scrolls there
    await audited(`assess, ${suffix}`, case_);
    await shot(case_, "assess-after");
    const tutorial = await opened("tutorials/first_assessment.html", { ...size, dark });
    await tutorial.getByRole("button", { name: "Edit and run" }).nth(1).click();
    await tutorial.getByRole("button", { name: "Run", exact: true }).click();
    await tutorial.waitForFunction(() => document.querySelector(".live-output").childElementCount, null, { timeout: 120_000 });
    await tutorial.locator(".live-console").scrollIntoViewIfNeeded();
    await shot(tutorial, "console");
    for (const page of [question, case_, tutorial]) await page.context().close();
  }
}

seen.cold = [];
for (let n = 0; n < 3; n += 1) seen.cold.push(await coldStarts());

await browser.close();
seen.hosts = [...new Set(seen.hosts)];
process.stdout.write(JSON.stringify(seen));
