// The panel beside the messages in which things are made to go wrong, and which shows what the app asked for.
import { time } from "./clock.js";
import { desk } from "./desk.js";
import { $, get, h, post, toast } from "./dom.js";

const KINDS = [
  ["ratelimited", "429, too many requests"],
  ["broken", "5xx, Slack is broken"],
  ["slow", "Slow: answered after 5 s"],
  ["lost", "Lost: done, but the answer never comes"],
  ["dropped", "Dropped: not done, no answer"],
  ["error", "Refused: internal_error"],
];
const SPANS = [["times 1", "once"], ["times 3", "3 times"], ["seconds 60", "for 1 min"], ["seconds 300", "for 5 min"], ["times 1000000", "until mended"]];
const METHODS = ["*", "chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.publish"];
const SLOW = 5;
const ASKED = 12;
const EVERY = 1000; // ms between looks while the panel is open
const chosen = { kind: "ratelimited", method: "chat.postMessage", channel: "", span: "times 1" };

function select(name, label, options) {
  const list = options.map(([value, text]) => h("option", { value, selected: chosen[name] === value }, text));
  return h("label", {}, label, h("select", { name, onchange: (event) => (chosen[name] = event.target.value) }, list));
}

async function inject() {
  const [unit, count] = chosen.span.split(" ");
  const rule = { kind: chosen.kind, method: chosen.method, [unit]: Number(count) };
  if (chosen.channel) rule.channel = chosen.channel;
  if (chosen.kind === "slow") rule.delay = SLOW;
  await tell("/sandbox/fault", rule, `In force: ${named(rule)}.`);
}

async function tell(path, body, done) {
  const answer = await post(path, body);
  toast(answer.ok ? done : answer.error, answer.ok ? "" : "wrong");
  refresh();
}

const place = (id) => (!id ? "" : desk.conversations.find((one) => one.id === id)?.name ? ` in #${desk.conversations.find((one) => one.id === id).name}` : ` in ${id}`);
const kindOf = (rule) => KINDS.find(([kind]) => kind === rule.kind)?.[1].split(/[:,]/)[0] || rule.kind;
const named = (rule) => `${kindOf(rule)} for ${rule.method === "*" ? "every method" : rule.method}${place(rule.channel)}`;

function left(rule) {
  if (rule.until) return `until ${time(new Date(rule.until))}`;
  return rule.times > 1000 ? "until mended" : `${rule.times} more`;
}

async function mend(id) {
  await fetch(`/sandbox/fault${id === undefined ? "" : `?fault=${id}`}`, { method: "DELETE" });
  refresh();
}

const wrong = (answer) => answer && (answer.ok === false || answer.lost || answer.dropped);
const outcome = (answer) => (answer?.lost ? "answer lost" : answer?.dropped ? "dropped" : answer?.ok === false ? answer.error : answer ? "ok" : "…");

function asked(entry) {
  const about = entry.arguments.channel || entry.arguments.user_id || entry.arguments.user || "";
  return h("li", {}, h("code", {}, entry.method), h("small", {}, ` ${about} `), h(`b${wrong(entry.answer) ? ".wrong" : ""}`, {}, outcome(entry.answer)));
}

let looking = null;

/** Look again at what is in force and what was asked. */
async function refresh() {
  if ($("trouble").hidden || document.hidden) return;
  const [rules, record] = await Promise.all([get("/sandbox/fault"), get(`/sandbox/record?kind=request&limit=${ASKED}`)]);
  const rows = rules.map((rule) => h("li", {}, h("span", {}, `${named(rule)}, ${left(rule)}`), h("button", { onclick: () => mend(rule.id), "aria-label": `Mend ${named(rule)}` }, "Mend")));
  $("in-force")?.replaceChildren(...(rows.length ? rows : [h("li.nothing", {}, "Nothing is made to go wrong.")]));
  $("asked")?.replaceChildren(...record.reverse().map(asked));
}

function deeds() {
  const deed = (label, path, body, done) => h("button", { onclick: () => tell(path, body, done) }, label);
  return h("div.deeds", {},
    deed("Cut the sockets", "/sandbox/sockets/cut", {}, "The sockets are cut."),
    deed("Stall them", "/sandbox/sockets/stall", {}, "The sockets are open, and nothing comes."),
    deed("Go on", "/sandbox/sockets/resume", {}, "The sockets go on."),
    deed("Send the last again", "/sandbox/redeliver", {}, "The last delivery was sent again."),
    deed("Revoke the token", "/sandbox/settings", { revoked: true }, "The token is revoked."),
    deed("Give it back", "/sandbox/settings", { revoked: false }, "The token is good again."));
}

function build() {
  const here = desk.conversations.filter((one) => one.kind !== "im").map((one) => [one.id, `in #${one.name}`]);
  const rest = desk.methods.filter((one) => !METHODS.includes(one)).map((one) => [one, one]);
  const form = h("form", { onsubmit: (event) => (event.preventDefault(), inject()) },
    select("kind", "What goes wrong", KINDS),
    select("method", "With", [...METHODS.map((one) => [one, one === "*" ? "every method" : one]), ...rest]),
    select("channel", "Where", [["", "anywhere"], ...here]),
    select("span", "How long", SPANS),
    h("button.primary", { type: "submit" }, "Make it go wrong"));
  const close = h("button.quiet", { "aria-label": "Close the faults", onclick: () => toggle() }, "✕");
  const all = h("button.quiet", { onclick: () => mend() }, "Mend all");
  const part = (name, ...inside) => h("section", {}, h("h3", {}, name), ...inside);
  return [h("div.heading", {}, h("h2", {}, "Faults"), close),
    h("div.scroll", {}, form, part("In force", h("ul", { id: "in-force" }), all), part("The connection", deeds()), part("What the app asked last", h("ul", { id: "asked" })))];
}

/** Open the panel, or close it. */
export function toggle() {
  const panel = $("trouble");
  panel.hidden = !panel.hidden;
  document.body.classList.toggle("troubled", !panel.hidden);
  panel.replaceChildren(...(panel.hidden ? [] : build()));
  clearInterval(looking);
  if (panel.hidden) return;
  panel.querySelector("select").focus();
  looking = setInterval(refresh, EVERY);
  refresh();
}
