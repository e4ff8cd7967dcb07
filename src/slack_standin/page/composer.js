// Where messages and commands are typed: completion of commands, people and channels, hints, drafts, what was sent before.
import { conversation, desk, loadHints, nameOf, people, user } from "./desk.js";
import { h, post, toast } from "./dom.js";
import { upload } from "./files.js";
import { tried } from "./tries.js";

const sent = [];
const drafts = new Map(); // person, place and thread -> what was typed there and not sent
const MOST = 8;

/** What this plan has to type after a command; `loose`, since it is only taken when somebody chooses it. */
function hinted(before) {
  const known = desk.commands.find((one) => before.startsWith(`${one.command} `));
  const lines = (desk.hints[known?.command] || []).map((one) => `${known.command} ${one}`);
  const fits = lines.filter((one) => one.toLowerCase().startsWith(before.toLowerCase()) && one !== before);
  return { start: 0, loose: true, items: fits.slice(0, MOST).map((one) => ({ insert: one, label: one })) };
}

const usageOf = (one) => desk.hints[one.command]?.slice(0, 2).join(" | ") || one.usage_hint;

function suggestions(text, caret) {
  const before = text.slice(0, caret);
  if (/^\/\S*$/.test(before)) {
    const fits = desk.commands.filter((one) => one.command.startsWith(before));
    return { start: 0, items: fits.map((one) => ({ insert: `${one.command} `, label: one.command, hint: usageOf(one), note: one.description })) };
  }
  const word = /(?:^|\s)([@#])([\w.-]*)$/.exec(before);
  if (!word) return hinted(before);
  const start = caret - word[2].length - 1;
  const wanted = word[2].toLowerCase();
  if (word[1] === "@") {
    const fits = [...people(), user(desk.bot)].filter((one) => `${one.name} ${one.real_name}`.toLowerCase().includes(wanted));
    return { start, items: fits.slice(0, 8).map((one) => ({ insert: `@${one.name} `, label: one.real_name, hint: `@${one.name}`, note: one.title })) };
  }
  const fits = desk.conversations.filter((one) => one.kind === "channel" && one.name.includes(wanted));
  return { start, items: fits.slice(0, 8).map((one) => ({ insert: `#${one.name} `, label: `#${one.name}` })) };
}

function usage(text) {
  const known = desk.commands.find((one) => text.startsWith(`${one.command} `) || text === one.command);
  return known?.usage_hint ? `${known.command} ${known.usage_hint}` : "";
}

async function send(text, thread) {
  const body = { user: desk.me, channel: desk.place, text, thread_ts: thread };
  const verb = /^\/[a-z]/.test(text) ? "command" : "say";
  const answer = await post(`/sandbox/act/${verb}`, body);
  if (answer.error) toast(answer.error, "wrong");
}

/** A composer for the conversation, or for a thread in it. */
export function composer(thread = null) {
  const place = conversation();
  const where = place?.kind === "im" ? nameOf(desk.bot) : `#${place?.name}`;
  const placeholder = thread ? "Reply…" : `Message ${where} or type /`;
  const area = h("textarea", { rows: 1, placeholder, "aria-label": placeholder, spellcheck: true });
  const draft = [desk.me, desk.place, thread].join(" ");
  const list = h("div.suggestions", { role: "listbox", hidden: true });
  const hint = h("div.usage");
  const button = h("button.send", { title: "Send (Enter)", "aria-label": "Send", disabled: true }, "➤");
  const chosen = h("input", { type: "file", hidden: true, onchange: () => upload(chosen.files[0], desk.place) });
  const attach = h("button.quiet.attach", { title: "Upload a file", "aria-label": "Upload a file", onclick: () => chosen.click() }, "+");
  let found = { start: 0, items: [] };
  let at = 0;
  let recalled = sent.length;

  const draw = () => {
    list.hidden = !found.items.length;
    const rows = found.items.map((one, number) => {
      const row = h(`div.option${number === at ? ".at" : ""}`, { role: "option", onmousedown: (event) => (event.preventDefault(), complete(number)) });
      row.append(h("b", {}, one.label), one.hint ? h("code", {}, one.hint) : "", one.note ? h("small", {}, one.note) : "");
      return row;
    });
    list.replaceChildren(...rows);
    rows[at]?.scrollIntoView({ block: "nearest" });
  };
  const changed = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
    if (area.value === "/") loadHints().then(() => area.value.startsWith("/") && suggest());
    drafts.set(draft, area.value);
    suggest();
  };
  const suggest = () => {
    found = suggestions(area.value, area.selectionStart);
    at = found.loose ? -1 : 0;
    hint.textContent = found.items.length && !found.loose ? "" : usage(area.value);
    button.disabled = !area.value.trim();
    draw();
  };
  const complete = (number) => {
    const { insert } = found.items[number];
    area.setRangeText(insert, found.start, area.selectionStart, "end");
    changed();
    area.focus();
  };
  const submit = async () => {
    const text = area.value.trim();
    if (!text) return;
    sent.push(text);
    tried();
    recalled = sent.length;
    area.value = "";
    changed();
    hint.textContent = text.startsWith("/") ? "…" : "";
    await send(text, thread);
    if (hint.textContent === "…") hint.textContent = "";
  };
  const recall = (step) => {
    recalled = Math.max(0, Math.min(sent.length, recalled + step));
    area.value = sent[recalled] || "";
    changed();
  };
  area.addEventListener("input", changed);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const listed = found.items.length;
    const whole = listed && found.items[Math.max(0, at)].insert.trim() === area.value.trim();
    const chosen = at >= 0 && !whole;
    if (listed && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      at = event.key === "ArrowDown" ? (at + 1) % listed : (at <= 0 ? listed : at) - 1;
      draw();
    } else if (listed && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && chosen))) complete(Math.max(0, at));
    else if (listed && event.key === "Escape") {
      found.items = [];
      draw();
    } else if (event.key === "Enter" && !event.shiftKey) submit();
    else if (event.key === "ArrowUp" && (!area.value || sent[recalled] === area.value)) recall(-1);
    else if (event.key === "ArrowDown" && sent[recalled] === area.value && area.value) recall(1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  button.addEventListener("click", submit);
  if (drafts.get(draft)) {
    area.value = drafts.get(draft);
    queueMicrotask(changed);
  }
  return h("div.composer", {}, list, h("div.box", {}, thread ? null : attach, chosen, area, button), hint);
}
