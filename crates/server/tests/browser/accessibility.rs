//! What every page must fulfil for whoever does not see it well, or uses no pointer: WCAG 2.2 AA as far as
//! a program can tell.

use serde_json::Value;

use crate::browser::Browser;

/// Looks through the page, and answers every fault in words.
const CHECKS: &str = r#"
const faults = [];
const fault = (what, element) => faults.push(what + ": " + element.outerHTML.slice(0, 160));
const all = selector => [...document.querySelectorAll(selector)];
const isShown = element => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
  && element.getClientRects().length > 0;

if (!document.documentElement.lang) faults.push("the page names no language");
if (!document.title) faults.push("the page has no title");
if (all("h1").length !== 1) faults.push("the page has " + all("h1").length + " main headings");
if (all("main").length !== 1) faults.push("the page has no main part, or several");

let level = 0;
for (const heading of all("main h1, main h2, main h3, main h4")) {
  const next = Number(heading.tagName[1]);
  if (next > level + 1) fault("a heading skips from level " + level + " to " + next, heading);
  level = next;
}

const ids = all("[id]").map(element => element.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push("the id " + id + " stands twice");
for (const element of all("[aria-labelledby], [aria-describedby]")) {
  for (const name of ["aria-labelledby", "aria-describedby"]) {
    for (const id of (element.getAttribute(name) ?? "").split(/\s+/).filter(Boolean)) {
      if (!document.getElementById(id)) fault(name + " leads nowhere", element);
    }
  }
}

const nameOf = element => (element.getAttribute("aria-label") ?? "").trim()
  || (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).map(id => document.getElementById(id)?.textContent ?? "").join("").trim()
  || element.textContent.trim();
for (const element of all("a[href], button, summary")) if (!nameOf(element)) fault("has no name", element);
for (const field of all("input:not([type=hidden]), select, textarea")) {
  if (!field.labels?.length && !nameOf(field)) fault("has no label", field);
}
for (const table of all("table")) if (!table.caption) fault("a table without a caption", table);
for (const header of all("th")) if (!header.scope) fault("a header without a scope", header);
for (const drawing of all("svg")) {
  const isNamed = drawing.getAttribute("role") === "img" && drawing.querySelector("title");
  if (!isNamed && !drawing.closest("[aria-hidden=true]")) fault("a drawing that nobody can read", drawing);
}
for (const region of all("[role=region]")) if (!nameOf(region)) fault("a region without a name", region);
for (const box of all(".wrap, pre")) {
  const scrolls = box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible";
  if (scrolls && box.tabIndex < 0 && !box.closest("[tabindex='0']")) fault("scrolls and cannot be focused", box);
}
for (const element of all("a[href], button, input:not([type=hidden]), select, summary")) {
  if (!isShown(element) || element.closest(".vh, .skip") || element.matches(".skip, .vh")) continue;
  // Whoever hits the words of a choice has made it.
  const target = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") ?? element : element;
  const box = target.getBoundingClientRect();
  const isInText = getComputedStyle(target).display === "inline";
  if (!isInText && (box.height < 23.5 || box.width < 23.5)) fault("is too small to hit (" + Math.round(box.width) + " × " + Math.round(box.height) + ")", element);
}

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const colour = text => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], below) => [r, g, b].map((part, n) => part * a + below[n] * (1 - a));
const behind = element => {
  const layers = [];
  for (let one = element; one; one = one.parentElement) {
    const layer = colour(getComputedStyle(one).backgroundColor);
    layers.push(layer);
    if (layer[3] > 0.99) break;
  }
  const ground = matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
  return layers.reverse().reduce((below, layer) => over(layer, below), ground);
};
const light = parts => {
  const [r, g, b] = parts.map(part => { part /= 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let text = walker.nextNode(); text; text = walker.nextNode()) {
  const element = text.parentElement;
  if (!text.data.trim() || !element || element.closest("svg, .vh, .skip, script, option")) continue;
  if (!isShown(element) || element.closest(":disabled")) continue;
  const style = getComputedStyle(element), ground = behind(element);
  // What is cut to a point is meant for those who listen.
  if (style.clipPath !== "none") continue;
  if (text.data.trim().length > 4 && element.getBoundingClientRect().width < 24) fault("is squeezed", element);
  const [a, b] = [light(over(colour(style.color), ground)), light(ground)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
  if (ratio < (isLarge ? 3 : 4.5) - 0.01) fault("has a contrast of " + ratio.toFixed(2), element);
}
return [...new Set(faults)];
"#;

/// Every fault of the page that the browser shows.
pub async fn faults(browser: &Browser, page: &str) -> Vec<String> {
    let found = browser.asks(CHECKS).await;
    let found = found.as_array().expect("a list").iter().filter_map(Value::as_str);
    found.map(|fault| format!("{page}: {fault}")).collect()
}
