// Elements of a page. Text is never read as HTML.

/** An element with attributes and children; an attribute that is null and a child that is null or empty are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
  made.append(...children.flat().filter((child) => child !== null && child !== ""));
  return made;
}

export function option(value, says, selected = false) {
  const made = element("option", { value }, says);
  made.selected = selected;
  return made;
}

/** A list of lines; nothing if there are none. */
export const list = (items) => (items.length ? element("ul", {}, ...items.map((item) => element("li", {}, item))) : "");

export function button(says, press, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, says);
  made.addEventListener("click", press);
  return made;
}
