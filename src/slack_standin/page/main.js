// Puts the page together: who is looking at what, and what to draw again when something changes.
import { loadClock } from "./clock.js";
import { composer } from "./composer.js";
import { conversation, desk, loadDesk, loadMessages, loadPeople, nameOf, people, user } from "./desk.js";
import { $, h, post } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, drawMessages, drawThread, followEnd, onThread } from "./messages.js";
import { closeTop, drawModal, homePane } from "./modal.js";
import { beside, closeBeside, isPane, listenToPane, other, tellOpener } from "./pair.js";
import { palette } from "./palette.js";
import { closePopover } from "./popover.js";
import { drawHeading, drawSidebar } from "./sidebar.js";
import { drawTime, drawTools, drawWho, goTo, goToDue, theme, tickTime } from "./strip.js";
import { drawTries } from "./tries.js";
import { toggle } from "./trouble.js";

const PAGES_SHOWN = 4;
let typed = null; // which composer is there: person and place
const press = { held: false, late: [] };

/** Draw at once; while somebody presses, once they let go: what moves or is made anew under a press gets no click. */
function draw(what = all) {
  if (!press.held) what();
  else if (!press.late.includes(what)) press.late.push(what);
}

function all() {
  document.body.classList.toggle("at-home", desk.place === "home");
  $("team").textContent = desk.team;
  drawSidebar({ become, beside, find: jump });
  drawWho(jump);
  drawHeading();
  if (desk.place !== "home") drawMessages();
  drawThread(composer);
  drawModal();
  drawTime();
  drawTries((id, place) => become(id, place), type);
  if (desk.place === "home") {
    const state = `${desk.me} ${desk.home?.hash}`;
    if ($("messages").dataset.home !== state || !$("messages").querySelector(".home")) $("messages").replaceChildren(homePane());
    $("messages").dataset.home = state;
    clearComposer();
  } else if (conversation()) drawComposer();
  read();
}

function drawComposer() {
  if (typed === desk.me + desk.place) return;
  typed = desk.me + desk.place;
  $("composer").replaceChildren(composer());
  if (matchMedia("(min-width: 700px)").matches) $("composer").querySelector("textarea").focus();
}

function clearComposer() {
  $("composer").replaceChildren();
  typed = null;
}

/** Put words into the composer, to be sent by whoever reads them. */
function type(text) {
  const area = $("composer").querySelector("textarea");
  area.value = text;
  area.dispatchEvent(new Event("input"));
  area.focus();
}

function read() {
  const last = desk.messages[desk.messages.length - 1];
  if (!last || document.hidden || !conversation()?.unread) return;
  post("/sandbox/page/read", { user: desk.me, channel: desk.place, ts: last.ts });
}

async function load() {
  // Only the newest answer knows where this person may be.
  if ((await loadDesk()) && desk.place !== "home" && !conversation()) desk.place = desk.conversations.find((one) => one.kind !== "im")?.id || "home";
  await loadMessages();
  draw();
}

/** Look at another conversation; `dm` is the one with the bot. */
async function go(place, ts) {
  // At once, before anything is asked for: what is typed meanwhile belongs to whom and where one is now.
  if (place === "dm") {
    const who = desk.me;
    clearComposer();
    place = (await post("/sandbox/page/dm", { user: who })).channel;
    if (who !== desk.me) return;
  }
  desk.place = place;
  if (conversation()) drawComposer();
  else clearComposer();
  desk.thread = null;
  document.body.classList.remove("browsing");
  const wanted = `#/${place}${ts ? `/${ts}` : ""}`;
  if (location.hash !== wanted) history.pushState(null, "", wanted);
  if (place === "home") await post("/sandbox/act/open_home", { user: desk.me });
  await load();
  if (ts) show(ts);
}

function show(ts) {
  const message = desk.messages.find((one) => one.ts === ts);
  if (message?.thread_ts && message.thread_ts !== ts) openThread(message.thread_ts);
  const line = $(`m-${ts}`) || $(`t-${ts}`);
  line?.scrollIntoView({ block: "center" });
  line?.classList.add("shown");
}

/** Be somebody else; a DM with the bot stays one, theirs. */
async function become(id, place) {
  const inDm = desk.place?.startsWith("D");
  desk.me = id;
  if (isPane) tellOpener({ user: id });
  else sessionStorage.setItem("sandbox-me", id);
  if (other() === id) closeBeside();
  document.querySelectorAll(`.page[data-user="${id}"]`).forEach((one) => one.remove());
  await go(place || (inDm ? "dm" : desk.place));
}

function openThread(ts) {
  desk.thread = ts;
  $("thread").dataset.thread = "";
  draw();
  if (ts) $("thread").querySelector("textarea")?.focus();
  else $("composer").querySelector("textarea")?.focus();
}

/** Somebody was paged: a chip that leads to their DM as them. */
function paged(change) {
  const id = `U${change.channel.slice(1)}`;
  if (id === desk.me && desk.place === change.channel) return;
  if (!user(id) || user(id).is_bot) return;
  document.querySelectorAll(`.page[data-user="${id}"]`).forEach((one) => one.remove());
  const said = h("span", {}, mrkdwn(change.says)).textContent.trim();
  const words = h("span", {}, h("b", {}, nameOf(id)), ` · ${said}`);
  const chip = h("button.page", { dataset: { user: id }, title: `Become ${nameOf(id)} and read it`, onclick: () => become(id, "dm") }, avatar(id, "tiny"), words);
  $("pages").prepend(chip);
  while ($("pages").children.length > PAGES_SHOWN) $("pages").lastChild.remove();
  setTimeout(() => chip.remove(), 60000);
}

/** What Ctrl+K offers besides places and people. */
function deeds() {
  const own = [["Side by side with somebody", () => (other() ? closeBeside() : beside(people().find((one) => one.id !== desk.me)?.id))], ["Go to the next due instant", goToDue], ["Faults", toggle]];
  return [...(isPane ? [] : own), ["Light or dark", theme], ["The gallery of messages and forms", () => open("/gallery", "_blank")]];
}

const jump = () => palette(go, become, deeds(), goTo);

function listen() {
  let pending = null;
  const stream = new EventSource("/sandbox/page/changes");
  const soon = (clockToo) => {
    if (clockToo) loadClock().then(drawTime);
    pending ||= setTimeout(async () => {
      pending = null;
      await Promise.all([load(), loadClock()]);
      drawTime();
    }, 60);
  };
  stream.onopen = () => {
    document.body.dataset.live = "";
    loadPeople().then(() => soon(true));
  };
  stream.onerror = () => delete document.body.dataset.live;
  stream.onmessage = (event) => {
    const change = JSON.parse(event.data);
    if (change.kind === "clock") return void loadClock().then(drawTime);
    if (change.kind === "message" && change.by_bot && change.channel.startsWith("D") && !change.only_for) draw(() => paged(change));
    if (change.user && change.user !== desk.me && change.kind !== "read") return undefined;
    if (change.only_for && change.only_for !== desk.me) return undefined;
    return soon(false);
  };
}

function keys(event) {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return jump();
  }
  if (event.key === "Escape") {
    if (closePopover() || document.querySelector("dialog[open]")) return undefined;
    if (desk.modals.length) return void closeTop();
    if (desk.thread) return openThread(null);
    if (!$("trouble").hidden) return toggle();
    document.body.classList.remove("browsing");
  }
  if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const rows = [...$("sidebar").querySelectorAll("section:not(.people) a.row")];
    const at = rows.findIndex((one) => one.classList.contains("current"));
    const next = rows[(at + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length];
    return void (location.hash = next.getAttribute("href"));
  }
  return undefined;
}

function release() {
  press.held = false;
  press.late.splice(0).forEach((what) => setTimeout(what)); // after the click
}

/** A link to where one is already loads it again: the browser itself would do nothing. */
function follow(event) {
  const link = event.target.closest("a[href^='#/']");
  if (link && link.getAttribute("href") === location.hash) route();
}

function route() {
  const [, place, ts] = location.hash.split("/");
  if (place) go(place, ts);
}

async function boot() {
  const asked = new URLSearchParams(location.search).get("as");
  await Promise.all([loadPeople(), loadClock()]);
  const known = (name) => people().find((one) => one.name === name || one.id === name)?.id;
  desk.me = known(asked) || (isPane ? null : known(sessionStorage.getItem("sandbox-me"))) || people()[0]?.id;
  document.body.classList.toggle("pane", isPane);
  drawTools(jump, { toggle, beside: () => (other() ? closeBeside() : beside()), close: () => tellOpener("close") });
  listenToPane();
  onThread(openThread);
  await loadDesk();
  const first = desk.conversations.find((one) => one.kind !== "im")?.id || "dm";
  const [, place, ts] = location.hash.split("/");
  await go(place || first, ts);
  tickTime();
  listen();
  addEventListener("hashchange", route);
  addEventListener("popstate", route);
  addEventListener("keydown", keys);
  addEventListener("click", follow);
  addEventListener("pointerdown", () => (press.held = true), true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, release, true);
  addEventListener("blur", release); // of the window: a field's does not bubble
  document.addEventListener("visibilitychange", () => document.hidden || load());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  $("menu").addEventListener("click", () => document.body.classList.toggle("browsing"));
  $("newer").addEventListener("click", () => ($("scroll").scrollTop = $("scroll").scrollHeight));
  followEnd();
}

boot();
