// Scoreline console. Everything works without this file; it only saves reloads and keystrokes.
// No markup is made here and no style attribute is set, so the policy stays strict: live markup is the server's own.
"use strict";

// The server's clock, not the device's: the page says when it was made, we count on from there.
const made = Date.parse(document.documentElement.dataset.now);
const now = () => made + performance.now();

// Relative times; the absolute one is in the title.
function ago(ms) {
  const s = Math.round(Math.abs(ms) / 1000);
  const words = s < 60 ? `${s} s` : s < 3600 ? `${Math.round(s / 60)} min`
    : s < 86400 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`;
  return ms < 0 ? `in ${words}` : `${words} ago`;
}
// What is left of a tournament.
function left(ms) {
  const s = Math.max(0, Math.floor(ms / 1000)), two = n => String(n).padStart(2, "0");
  const d = Math.floor(s / 86400), rest = `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return d ? `${d} d ${rest}` : rest;
}
function tick() {
  for (const t of document.querySelectorAll("time[data-ago]")) t.textContent = ago(now() - Date.parse(t.dateTime));
  for (const t of document.querySelectorAll("time[data-left]")) t.textContent = left(Date.parse(t.dateTime) - now());
}
if (made) setInterval(tick, 1000);

// Ctrl+K or Cmd+K goes to the search.
document.addEventListener("keydown", e => {
  if ((e.ctrlKey || e.metaKey) && e.key === "k") { e.preventDefault(); document.querySelector("[data-find]")?.focus(); }
});

// Typed confirmation: the pattern attribute holds the word, so the browser checks it without us, and the server again.
for (const form of document.querySelectorAll("form[data-typed]")) {
  const button = form.querySelector("[data-armed]");
  const arm = () => { button.disabled = !form.checkValidity(); };
  form.addEventListener("input", arm);
  arm();
}

// Copy buttons are hidden until we know that they can do something.
for (const b of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  b.hidden = false;
  b.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(b.dataset.copy).textContent);
    const word = b.textContent;
    b.textContent = "Copied";
    setTimeout(() => { b.textContent = word; }, 1500);
  });
}

// Pointing at a chart reads out the row of its table: the table is the only copy of the data.
function readCharts(within) {
  for (const fig of within.querySelectorAll("figure[data-read]")) readChart(fig);
}
function readChart(fig) {
  const svg = fig.querySelector("svg.chart"), out = fig.querySelector(".readout"), cross = svg?.querySelector(".cross");
  const rows = fig.querySelectorAll("tbody tr"), heads = [...fig.querySelectorAll("thead th")].map(h => h.textContent);
  if (!svg || !out || !rows.length) return;
  const bars = fig.dataset.read === "bars", rest = out.textContent;
  svg.addEventListener("pointermove", e => {
    const box = svg.getBoundingClientRect(), f = Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
    const i = bars ? Math.min(rows.length - 1, Math.floor(f * rows.length)) : Math.round(f * (rows.length - 1));
    out.textContent = [...rows[i].cells].map((c, k) => k ? `${heads[k]} ${c.textContent}` : c.textContent).join(" · ");
    const x = `${100 * (bars ? (i + .5) / rows.length : i / (rows.length - 1))}%`;
    for (const a of ["x1", "x2"]) cross?.setAttribute(a, x);
    cross?.removeAttribute("visibility");
  });
  svg.addEventListener("pointerleave", () => { out.textContent = rest; cross?.setAttribute("visibility", "hidden"); });
}
readCharts(document);

// Live: the server sends whole fragments of its own templates, already escaped, named by the element they replace.
// Nothing arrives while the tab is hidden or the page is paused. On every connection the server first sends each
// fragment as it is now, so a page that comes back is right in one step.
const source = document.body.dataset.stream;
const pause = document.querySelector("[data-pause]");
let stream = null, paused = false, state = null;
function say(words, live) {
  state = { words, live };
  for (const s of document.querySelectorAll("[data-live-state]")) s.textContent = words;
  for (const d of document.querySelectorAll(".dot")) d.classList.toggle("off", !live);
}
// Never from under someone's fingers, and never what somebody has opened to read.
const inUse = place => place.contains(document.activeElement) || place.querySelector("details[open]");
function put({ id, html, mode }) {
  const place = document.getElementById(id);
  if (!place || (mode !== "row" && inUse(place))) return;
  const doc = new DOMParser().parseFromString(mode === "row" ? `<table><tbody>${html}</tbody></table>` : html, "text/html");
  if (mode === "row") {
    const row = doc.querySelector("tr");
    if (row) place.prepend(row);
    while (place.rows.length > 200) place.deleteRow(-1);
    return;
  }
  const fresh = doc.body.firstElementChild;
  if (!fresh) return;
  place.replaceWith(fresh);
  readCharts(fresh);
  if (state) say(state.words, state.live);
}
function connect() {
  if (!source || stream || paused || document.hidden) return;
  stream = new EventSource(source);
  stream.addEventListener("open", () => say("Live", true));
  stream.addEventListener("error", () => {
    // A stream that is refused stays closed: the session is over, or too many pages are live.
    if (stream?.readyState === EventSource.CLOSED) { disconnect(); say("Not live: load again", false); }
    else say("Reconnecting", false);
  });
  stream.addEventListener("fragment", e => put(JSON.parse(e.data)));
}
function disconnect() { stream?.close(); stream = null; }
document.addEventListener("visibilitychange", () => document.hidden ? disconnect() : connect());
if (pause && source) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.querySelector("span").textContent = paused ? "Resume" : "Pause";
    if (paused) { disconnect(); say("Paused", false); } else { say("Connecting", false); connect(); }
  });
}
connect();
