// Validates resources, one a line on the standard input, with the definitions and value sets that npm's fhir bundles.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.argv[2]}/`);
const { Fhir } = require("fhir/fhir.js");
const checker = new Fhir();
const lines = readFileSync(0, "utf8").split("\n").filter(Boolean);
const faults = lines.map((line) => {
  const result = checker.validate(JSON.parse(line), { errorOnUnexpected: true });
  return result.messages.filter((message) => message.severity !== "info").map((message) => `${message.severity} ${message.location}: ${message.message}`);
});
process.stdout.write(JSON.stringify(faults));
