// The bar on top: whose workspace, plan time and its speed, faults, light and dark.
import { clock, format, loadClock, now, span, time, turn, zone } from "./clock.js";
import { conversation, desk } from "./desk.js";
import { $, get, h, post, toast } from "./dom.js";
import { offer } from "./popover.js";

const RATES = [[0, "❚❚", "Pause"], [1, "1×", "Real time"], [60, "60×", "A minute each second"], [600, "600×", "Ten minutes each second"]];
const JUMPS = [[60, "+1 min"], [300, "+5 min"], [3600, "+1 h"]];

async function jump(seconds) {
  await turn({ jump: seconds });
  drawTime();
}

async function run(rate) {
  await turn({ rate });
  drawTime();
}

function due() {
  if (!clock.due) return null;
  const left = (clock.due - now()) / 1000;
  const words = left > 0 ? `next in ${span(left)}` : "due now";
  const title = `The app does something at ${time(clock.due)}: go there`;
  return h("button.due", { title, onclick: () => jump(Math.max(0, left + 0.5)) }, h("b", {}, time(clock.due)), ` ${words} ⤳`);
}

export function drawTime() {
  const held = document.activeElement?.closest("#time") ? document.activeElement.textContent : null;
  const today = format(now(), { weekday: "short", day: "numeric", month: "short" });
  const parts = [h("span.now", { title: `Plan time, ${zone()}` }, h("small", {}, today), h("b", {}, time(now())))];
  if (clock.own) {
    const speed = RATES.map(([rate, sign, title]) => h(`button${clock.rate === rate ? ".on" : ""}`, { title, "aria-label": title, "aria-pressed": String(clock.rate === rate), onclick: () => run(rate) }, sign));
    const jumps = JUMPS.map(([seconds, sign]) => h("button", { title: `Skip ${sign.slice(1)}`, onclick: () => jump(seconds) }, sign));
    parts.push(h("span.group", {}, speed), h("span.group.jumps", {}, jumps), due());
  }
  $("time").replaceChildren(...parts.filter(Boolean));
  if (held) [...$("time").querySelectorAll("button")].find((one) => one.textContent === held)?.focus();
}

/** Keeps the time shown: twice a second when it runs fast; what is due is asked for now and then. */
export function tickTime() {
  let shown = "";
  setInterval(() => {
    const next = `${Math.floor(now() / 60000)} ${clock.rate} ${clock.due && Math.round((clock.due - now()) / 20000)}`;
    if (next !== shown) drawTime();
    shown = next;
  }, 250);
  setInterval(() => document.hidden || loadClock(), 3000);
}

function presets() {
  const channel = desk.place === "home" ? undefined : desk.place;
  const name = conversation()?.kind === "im" ? "this DM" : `#${conversation()?.name}`;
  const here = channel ? [["Refuse posts to " + name + " for a minute", "/sandbox/fault", { method: "chat.postMessage", kind: "ratelimited", channel, seconds: 60 }]] : [];
  return [
    ...here,
    ["Refuse all posts for a minute", "/sandbox/fault", { method: "chat.postMessage", kind: "ratelimited", seconds: 60 }],
    ["Lose the answer to the next post", "/sandbox/fault", { method: "chat.postMessage", kind: "lost" }],
    ["Break the next three requests", "/sandbox/fault", { kind: "broken", times: 3 }],
    ["Cut the app's sockets", "/sandbox/sockets/cut", {}],
    ["Send the last delivery again", "/sandbox/redeliver", {}],
  ];
}

async function faults(anchor) {
  const active = await get("/sandbox/fault");
  const offered = presets().map(([label, path, body], number) => ({ value: number, label, group: "Make go wrong", path, body }));
  if (active.length) offered.push({ value: "clear", label: `Mend everything (${active.length} in force)`, group: "Mend" });
  offer(anchor, offered, async (choice) => {
    if (choice.value === "clear") await fetch("/sandbox/fault", { method: "DELETE" });
    else await post(choice.path, choice.body);
    toast(choice.value === "clear" ? "Mended." : `${choice.label}: done.`);
  });
}

function theme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("sandbox-theme", document.documentElement.dataset.theme);
}

export function drawTools(palette) {
  const kept = localStorage.getItem("sandbox-theme");
  if (kept) document.documentElement.dataset.theme = kept;
  const wrong = h("button.quiet", { title: "Make something go wrong", "aria-label": "Faults", "aria-haspopup": "listbox" }, "⚡");
  wrong.addEventListener("click", () => faults(wrong));
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  $("tools").replaceChildren(
    h("button.jump", { onclick: palette, title: "Jump to a channel or person" }, h("span", {}, "Jump to…"), h("kbd", {}, mac ? "⌘K" : "Ctrl K")),
    wrong,
    h("button.quiet", { title: "Light or dark", "aria-label": "Light or dark", onclick: theme }, "◐"),
  );
}
