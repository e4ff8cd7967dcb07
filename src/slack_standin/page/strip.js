// The bar on top: whose workspace, who one is, plan time and its speed, and tools.
import { clock, format, loadClock, now, span, time, turn, zone } from "./clock.js";
import { desk, nameOf } from "./desk.js";
import { $, h, toast } from "./dom.js";
import { avatar } from "./messages.js";
import { isPane } from "./pair.js";

const RATES = [[0, "❚❚", "Pause"], [1, "1×", "Real time"], [60, "60×", "A minute each second"], [600, "600×", "Ten minutes each second"]];
const JUMPS = [[60, "+1 min"], [300, "+5 min"], [3600, "+1 h"]];

async function jump(seconds) {
  await turn({ jump: seconds });
  drawTime();
}

/** To an instant that somebody typed. */
export async function goTo(at) {
  const answer = await turn({ jump_to: at.toISOString() });
  if (answer?.error) toast(answer.error, "wrong");
  drawTime();
}

async function run(rate) {
  await turn({ rate });
  drawTime();
}

const untilDue = () => (clock.due - now()) / 1000;

/** To the next instant at which the app does something by itself. */
export const goToDue = () => clock.own && clock.due && jump(Math.max(0, untilDue() + 0.5));

function due() {
  if (!clock.due) return null;
  const left = untilDue();
  const words = left > 0 ? `next in ${span(left)}` : "due now";
  const title = `The app does something at ${time(clock.due)}: go there`;
  return h("button.due", { title, onclick: goToDue }, h("b", {}, time(clock.due)), ` ${words} ⤳`);
}

/** Only what has changed is drawn again: a button that is replaced while it is pressed hears no click. */
export function drawTime() {
  const held = document.activeElement?.closest("#time") ? document.activeElement.textContent : null;
  const today = format(now(), { weekday: "short", day: "numeric", month: "short" });
  const parts = [h("span.now", { title: `Plan time, ${zone()}` }, h("small", {}, today), h("b", {}, time(now())))];
  if (clock.own) {
    const speed = RATES.map(([rate, sign, title]) => h(`button${clock.rate === rate ? ".on" : ""}`, { title, "aria-label": /\d/.test(sign) ? `${sign}, ${title.toLowerCase()}` : title, "aria-pressed": String(clock.rate === rate), onclick: () => run(rate) }, sign));
    const jumps = JUMPS.map(([seconds, sign]) => h("button", { title: `Skip ${sign.slice(1)}`, onclick: () => jump(seconds) }, sign));
    parts.push(h("span.group", {}, speed), h("span.group.jumps", {}, jumps), due());
  }
  const fresh = h("span", {}, parts);
  if (fresh.innerHTML === $("time").innerHTML) return;
  $("time").replaceChildren(...fresh.childNodes);
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

/** Light when it was dark, dark when it was light. */
export function theme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("sandbox-theme", document.documentElement.dataset.theme);
}

/** Who this is, where the sidebar does not say it. */
export function drawWho(find) {
  if ($("who").dataset.user === desk.me) return;
  $("who").dataset.user = desk.me;
  const label = `You are ${nameOf(desk.me)}: be somebody else`;
  $("who").replaceChildren(h("button.quiet", { onclick: find, title: label, "aria-label": label }, avatar(desk.me, "small"), h("b", {}, nameOf(desk.me))));
}

/** `acts`: toggle() the faults, beside(), close() where this is the pane. */
export function drawTools(palette, acts) {
  const kept = localStorage.getItem("sandbox-theme");
  if (kept) document.documentElement.dataset.theme = kept;
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  const tool = (sign, label, title, act) => h("button.quiet", { title, "aria-label": label, onclick: act }, sign);
  const jump = h("button.jump", { onclick: palette, title: "Jump to a channel, a person or a time, or do something" }, h("span", {}, "Jump to…"), h("kbd", {}, mac ? "⌘K" : "Ctrl K"));
  const own = [
    jump,
    tool("◫", "Side by side", "Two people side by side", acts.beside),
    tool("⚡", "Faults", "Make something go wrong", acts.toggle),
    tool("▦", "Gallery", "Every message and form of the app", () => open("/gallery", "_blank")),
    tool("◐", "Light or dark", "Light or dark", theme),
  ];
  $("tools").replaceChildren(...(isPane ? [tool("✕", "Close this side", "Close this side", acts.close)] : own));
}

addEventListener("storage", (event) => event.key === "sandbox-theme" && (document.documentElement.dataset.theme = event.newValue));
