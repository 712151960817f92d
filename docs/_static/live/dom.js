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

/** HTML that the library has written, in a root of its own. The policy of the page lets no style stand in HTML, so a script sets each. */
export function shadowed(html) {
  const host = element("div", { class: "live-shadow" });
  const root = host.attachShadow({ mode: "open" });
  const sheets = [];
  const bare = html.replaceAll(/<style[^<>]*>([^]*?)<\/style>/g, (_, rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    sheets.push(sheet);
    return "";
  });
  root.innerHTML = bare.replaceAll(/(<[a-z][^<>]*?) style="/g, '$1 data-style="');
  for (const styled of root.querySelectorAll("[data-style]")) styled.style.cssText = styled.dataset.style;
  root.adoptedStyleSheets = sheets;
  return host;
}
