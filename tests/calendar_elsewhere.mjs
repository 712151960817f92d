// Reads a calendar with ical.js, and prints each event with its moments in the time zone that is named.
// node calendar_elsewhere.mjs FOLDER_WITH_NODE_MODULES ZONE < calendar.ics
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, zone] = process.argv.slice(2);
const found = createRequire(join(folder, "package.json")).resolve("ical.js");
const { default: ICAL } = await import(pathToFileURL(found));
const whole = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
const moment = (time) => (time === null ? null : time.isDate ? time.toString() : clock.format(time.toJSDate()));
const events = whole.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    summary: event.summary,
    sequence: event.sequence,
    status: component.getFirstPropertyValue("status"),
    start: moment(event.startDate),
    end: moment(event.endDate),
    alarms: component.getAllSubcomponents("valarm").map((alarm) => alarm.getFirstPropertyValue("trigger").toString()),
  };
});
console.log(JSON.stringify(events));
