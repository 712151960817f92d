// Opens a Questionnaire in chromium with npm's lforms, answers it as a person does, and prints the QuestionnaireResponse.
//
// Arguments: the folder with node_modules/playwright-core and lforms/, the page, the picture. The standard input has the answers, in order:
// [how, id, text], where how is type, choose or click. Each answer is made only if its question is shown.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [folder, page_, picture] = process.argv.slice(2);
const { chromium } = createRequire(`${folder}/`)("playwright-core");
const answers = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--allow-file-access-from-files"] });
const page = await browser.newPage({ viewport: { width: 1100, height: 1800 }, timezoneId: "Europe/Berlin" });
await page.goto(`file://${page_}`);
await page.waitForFunction(() => document.title === "done", null, { timeout: 30000 });
const hidden = [];
const response = () => page.evaluate(() => LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4"));
const isAnswered = async (id) => ((await response()).item ?? []).some((item) => item.linkId === id && item.answer);
for (const [how, id, text] of answers) {
  const field = page.locator(`[id="${how === "click" ? `${id}/1|${text}` : id.includes("/") ? `${id}/1/1` : `${id}/1`}"]`);
  if ((await field.count()) === 0) {
    hidden.push(id);
    continue;
  }
  if (how === "click") await field.click();
  else if (how === "type") {
    const input = (await field.locator("input").count()) ? field.locator("input").first() : field;
    await input.click();
    await input.fill(text);
    await input.press(text.includes("/") ? "Enter" : "Tab"); // a date closes its calendar
  } else {
    for (let tries = 0; tries < 5 && !(await isAnswered(id)); tries++) {
      await field.click();
      await field.fill("");
      await field.pressSequentially(text);
      await page.waitForTimeout(100 * tries); // a busy browser shows its list late
      await field.press("Tab"); // what is typed in full is chosen
      await page.waitForTimeout(50);
    }
  }
  await page.waitForTimeout(300); // the form hides and shows its items a little later
}
await page.screenshot({ path: picture, fullPage: true });
process.stdout.write(JSON.stringify({ response: await response(), hidden }));
await browser.close();
