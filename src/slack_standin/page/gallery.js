// Every message, form and Home that the app has handed in, drawn as the page draws them; nothing in it is sent.
import { blocks } from "./blocks.js";
import { loadClock } from "./clock.js";
import { desk, loadPeople, nameOf, people } from "./desk.js";
import { $, get, h } from "./dom.js";
import { avatar } from "./messages.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { theme } from "./strip.js";

const still = { act: () => {} };

function message(one) {
  const head = h("div.head", {}, h("b", {}, nameOf(desk.bot)), h("span.app", {}, "APP"));
  const words = one.blocks.length ? blocks(one.blocks, still) : h("div.text", {}, mrkdwn(one.text));
  const picture = one.picture ? h("img", { src: `data:image/svg+xml,${encodeURIComponent(one.picture)}`, alt: "" }) : null;
  return h("div.message", {}, avatar(desk.bot), h("div.words", {}, head, words, picture));
}

function modal(view) {
  const button = (text, kind = "") => text && h(`button${kind}`, { type: "button" }, textObject(text));
  const foot = h("div.row", {}, button(view.close || { type: "plain_text", text: "Cancel" }), button(view.submit, ".primary"));
  return h("div.modal", {}, h("div.heading", {}, h("h2", {}, textObject(view.title))), h("div.content", {}, blocks(view.blocks, still)), foot);
}

function drawn(one) {
  if (!one.view) return message(one);
  return one.view.type === "home" ? h("div.home", {}, blocks(one.view.blocks, still)) : modal(one.view);
}

function screen(one) {
  const notification = one.blocks?.length && one.text ? h("small.notification", { title: "What notifications and screen readers say" }, one.text.slice(0, 160)) : null;
  const words = `${one.group} ${one.id} ${one.title}`.toLowerCase();
  return h("figure.screen", { dataset: { words } }, h("figcaption", {}, h("b", {}, one.title), h("code", {}, one.id)), drawn(one), notification);
}

function find() {
  const wanted = $("find").value.toLowerCase();
  for (const one of document.querySelectorAll(".screen")) one.hidden = !one.dataset.words.includes(wanted);
  for (const part of document.querySelectorAll("#screens section")) part.hidden = !part.querySelector(".screen:not([hidden])");
}

async function boot() {
  const kept = localStorage.getItem("sandbox-theme");
  if (kept) document.documentElement.dataset.theme = kept;
  $("tools").append(h("button.quiet", { "aria-label": "Light or dark", onclick: theme }, "◐"));
  $("screens").append(h("p.empty", {}, "Asking the app for everything that it can show…"));
  await Promise.all([loadPeople(), loadClock()]);
  desk.me = people()[0]?.id;
  const all = await get("/sandbox/page/gallery");
  const groups = [...new Set(all.map((one) => one.group))];
  const part = (group) => h("section", {}, h("h2", {}, group), h("div.screens", {}, all.filter((one) => one.group === group).map(screen)));
  const nothing = h("p.empty", {}, "Nothing was handed in. PUT a list of {group, id, title, text, blocks} or {group, id, title, view} to /sandbox/page/gallery.");
  $("screens").replaceChildren(...(all.length ? groups.map(part) : [nothing]));
  $("count").textContent = `${all.length} messages and forms`;
  $("team").textContent = `Gallery of ${desk.team}`;
  document.title = `Gallery · ${desk.team}`;
  $("find").addEventListener("input", find);
  $("find").focus();
}

boot();
