// The message list and the thread beside it.
import { blocks } from "./blocks.js";
import { day, span, now, time, tsDate } from "./clock.js";
import { conversation, desk, nameOf, user } from "./desk.js";
import { $, h, post, reconcile, toast } from "./dom.js";
import { files } from "./files.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { offer } from "./popover.js";

const TOGETHER = 300; // seconds within which one author's messages share a heading
let openThread = () => {};
let stuck = true; // whether the list stays at its end when something is added or the window changes
export const onThread = (open) => (openThread = open);

export function avatar(id, size = "") {
  const name = nameOf(id);
  const words = name.split(/[\s-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[words.length - 1][0] : name.slice(0, 2);
  let hue = 0;
  for (const letter of id) hue = (hue * 31 + letter.charCodeAt(0)) % 360;
  const bot = id === desk.bot || id === "USLACKBOT";
  const style = `--hue:${hue}`;
  return h(`span.avatar${bot ? ".bot" : ""}${size ? "." + size : ""}`, { style, "aria-hidden": "true" }, bot ? "◆" : letters.toUpperCase());
}

async function clicked(message, one, value) {
  const body = { user: desk.me, channel: message.channel, ts: message.ts, action: one.action_id, value, block_id: one.block_id };
  const answer = await post("/sandbox/act/click", body);
  if (!answer.ok) toast(answer.failure || answer.error, "wrong");
}

function content(message) {
  const hands = { act: (block, one, value) => clicked(message, { ...one, block_id: block.block_id }, value) };
  const shown = message.blocks?.length ? blocks(message.blocks, hands) : message.text ? h("div.text", {}, mrkdwn(message.text)) : null;
  const attached = (message.attachments || []).map((one) => h("div.attachment", { style: `border-color:${one.color || ""}` }, one.blocks ? blocks(one.blocks, hands) : mrkdwn(one.text || one.fallback || "")));
  const edited = message.edited && !message.bot_id ? h("small.edited", {}, "(edited)") : null;
  return [shown, attached, files(message), edited];
}

function reactions(message) {
  const all = Object.entries(message.reactions || {});
  return all.length ? h("div.reactions", {}, all.map(([name, who]) => h("span.chip", { title: who.map(nameOf).join(", ") }, `${emoji(name)} ${who.length}`))) : null;
}

function menu(message, anchor) {
  const own = desk.shortcuts.filter((one) => one.type === "message");
  const choices = own.map((one) => ({ value: one.callback_id, label: one.name, note: one.description, group: "Shortcuts" }));
  choices.push({ value: "link", label: "Copy link", group: "Message" });
  offer(anchor, choices, async (choice) => {
    if (choice.value === "link") return navigator.clipboard?.writeText(`${location.origin}/#/${message.channel}/${message.ts}`);
    const body = { user: desk.me, callback_id: choice.value, channel: message.channel, ts: message.ts };
    const answer = await post("/sandbox/act/shortcut", body);
    if (!answer.ok) toast(answer.failure || answer.error, "wrong");
  });
}

function hover(message, inThread) {
  if (message.only_for) return null;
  const reply = inThread ? null : h("button.quiet", { title: "Reply in thread", "aria-label": "Reply in thread", onclick: () => openThread(message.thread_ts || message.ts) }, "↩");
  const shortcuts = desk.shortcuts.some((one) => one.type === "message");
  const more = h("button.quiet", { title: shortcuts ? "What the app can do with this message" : "More", "aria-label": shortcuts ? null : "More for this message", "aria-haspopup": "listbox" }, shortcuts ? "⋯ Shortcuts" : "⋯");
  more.addEventListener("click", () => menu(message, more));
  return h("div.hover", {}, reply, more);
}

function replyLine(message) {
  const replies = desk.messages.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts);
  if (!replies.length) return null;
  const who = [...new Set(replies.map((one) => one.user))].slice(0, 4).map((id) => avatar(id, "tiny"));
  const last = replies[replies.length - 1];
  const count = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  return h("button.replies", { onclick: () => openThread(message.ts) }, who, h("b", {}, count), h("small", {}, `last ${span((now() - tsDate(last.ts)) / 1000)} ago`));
}

function line(message, previous, inThread) {
  const at = tsDate(message.ts);
  const together = previous && !message.blocks && previous.user === message.user && !previous.only_for && !message.only_for && message.ts - previous.ts < TOGETHER && day(tsDate(previous.ts)) === day(at);
  const head = h("div.head", {}, h("b", {}, nameOf(message.user)), message.bot_id ? h("span.app", {}, "APP") : null, h("time", { title: `${day(at)} ${time(at)}` }, time(at)));
  const only = message.only_for ? h("div.only", {}, "👁 Only visible to you") : null;
  const classes = `${together ? ".together" : ""}${message.only_for ? ".private" : ""}${message.notice ? ".notice" : ""}`;
  const side = together ? h("time.aside", {}, time(at)) : avatar(message.user);
  const words = h("div.words", {}, only, together ? null : head, content(message), reactions(message), inThread ? null : replyLine(message));
  return h(`li.message${classes}`, { id: `${inThread ? "t" : "m"}-${message.ts}` }, side, words, hover(message, inThread));
}

function items(list, inThread) {
  const all = [];
  let previous = null;
  const minute = Math.floor(now() / 60000);
  for (const message of list) {
    const before = previous;
    const date = day(tsDate(message.ts));
    if (!before || day(tsDate(before.ts)) !== date) {
      all.push({ key: `day-${date}`, signature: date, make: () => h("li.day", {}, h("span", {}, date)) });
    }
    const replies = inThread ? "" : desk.messages.filter((one) => one.thread_ts === message.ts).map((one) => one.ts).join();
    const signature = JSON.stringify([message, before?.user, desk.me, replies, replies && minute, user(desk.me)?.tz]);
    all.push({ key: message.ts, signature, make: () => line(message, before, inThread) });
    previous = message;
  }
  return all;
}

export function followEnd() {
  const scroll = $("scroll");
  let before = 0;
  scroll.addEventListener("scroll", () => {
    if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60) stuck = true;
    else if (scroll.scrollTop < before) stuck = false;
    before = scroll.scrollTop;
    if (stuck) $("newer").hidden = true;
  });
  const grown = new ResizeObserver(() => stuck && (scroll.scrollTop = scroll.scrollHeight));
  grown.observe(scroll);
  grown.observe($("messages"));
}

export function drawMessages() {
  const top = desk.messages.filter((one) => !one.thread_ts || one.thread_ts === one.ts || one.broadcast);
  const scroll = $("scroll");
  const moved = scroll.dataset.place !== desk.place + desk.me;
  const last = top[top.length - 1]?.ts;
  reconcile($("messages"), items(top, false));
  if (!top.length) $("messages").append(h("li.empty", { dataset: { key: "empty" } }, emptyText()));
  if (moved) stuck = true;
  if (stuck) scroll.scrollTop = scroll.scrollHeight;
  else if (last !== scroll.dataset.last) $("newer").hidden = false;
  Object.assign(scroll.dataset, { place: desk.place + desk.me, last });
}

function emptyText() {
  const place = conversation();
  if (!place) return "";
  const commands = desk.commands.slice(0, 4).map((one) => one.command).join(", ");
  const where = place.kind === "im" ? `This is your direct line to ${nameOf(desk.bot)}.` : `Nothing was said in #${place.name} yet.`;
  return commands ? `${where} Try ${commands}.` : where;
}

export function drawThread(composer) {
  const aside = $("thread");
  aside.hidden = !desk.thread;
  document.body.classList.toggle("threaded", Boolean(desk.thread));
  if (!desk.thread) return;
  const list = desk.messages.filter((one) => one.ts === desk.thread || one.thread_ts === desk.thread);
  if (aside.dataset.thread !== desk.thread + desk.place) {
    aside.dataset.thread = desk.thread + desk.place;
    const close = h("button.quiet", { "aria-label": "Close thread", onclick: () => openThread(null) }, "✕");
    const heading = h("div.heading", {}, h("h2", {}, "Thread"), close);
    aside.replaceChildren(heading, h("div.scroll", {}, h("ol.list")), composer(desk.thread));
  }
  const scroll = aside.querySelector(".scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  reconcile(aside.querySelector("ol.list"), items(list, true));
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}
