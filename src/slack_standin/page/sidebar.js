// Channels, the app, and the people one can be.
import { conversation, desk, me, nameOf, people, user } from "./desk.js";
import { $, h, reconcile } from "./dom.js";
import { avatar } from "./messages.js";

const MOST_PEOPLE = 40; // more are found with the jump list; those who were paged come first

const badge = (count) => (count ? h("span.badge", {}, count > 99 ? "99+" : String(count)) : null);

function row(place, sign, label, unread, href = `#/${place}`) {
  const current = desk.place === place ? ".current" : "";
  const link = h(`a.row${current}${unread ? ".unread" : ""}`, { href }, h("span.sign", {}, sign), h("span.name", {}, label), badge(unread));
  if (current) link.setAttribute("aria-current", "page");
  return h("li", {}, link);
}

const item = (place, sign, label, unread, href) => ({ key: place, signature: `${sign}${label}${unread}${desk.place === place}`, make: () => row(place, sign, label, unread, href) });

function person(one, acts) {
  const own = one.id === desk.me;
  const title = `${one.title ? `${one.title} · ` : ""}${one.tz}`;
  const press = (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (event.altKey) acts.beside(one.id);
    else acts.become(one.id);
  };
  const link = h(`a.row${own ? ".current" : ""}`, { href: `/?as=${one.name}`, onclick: press, title, role: "button" });
  link.setAttribute("aria-pressed", own);
  link.append(avatar(one.id, "small"), h("span.name", {}, one.real_name));
  link.append(...[own ? h("span.you", {}, "you") : badge(desk.unread[one.id])].filter(Boolean));
  const label = `${one.real_name} beside ${me()?.real_name}`;
  const beside = own ? null : h("button.quiet.beside", { title: "Open beside (Alt+click)", "aria-label": label, onclick: () => acts.beside(one.id) }, "◫");
  return h("li", {}, link, beside);
}

function shownPeople() {
  const all = people();
  if (all.length <= MOST_PEOPLE) return all;
  const first = all.filter((one) => one.id === desk.me || desk.unread[one.id]);
  return [...new Set([...first, ...all])].slice(0, MOST_PEOPLE);
}

function build(acts) {
  const more = h("button.quiet.more", { onclick: acts.find }, "");
  $("sidebar").append(
    h("section", {}, h("h2", {}, "Channels"), h("ul", { id: "channels" })),
    h("section", {}, h("h2", {}, nameOf(desk.bot), " ", h("span.app", {}, "APP")), h("ul", { id: "app" })),
    h("section.people", {}, h("h2", {}, "Be somebody"), h("ul", { id: "people" }), more),
  );
}

/** `acts`: become(id), beside(id), find(). */
export function drawSidebar(acts) {
  if (!$("channels")) build(acts);
  const bySign = (one) => (one.archived ? "▪" : one.kind === "channel" ? "#" : "🔒");
  const channels = desk.conversations.filter((one) => one.kind !== "im").sort((a, b) => (a.name < b.name ? -1 : 1));
  const dm = desk.conversations.find((one) => one.kind === "im");
  reconcile($("channels"), channels.map((one) => item(one.id, bySign(one), one.name, one.unread)));
  reconcile($("app"), [item(dm?.id || "dm", "✉", "Messages", dm?.unread, "#/dm"), item("home", "⌂", "Home", 0)]);
  const shown = shownPeople();
  reconcile($("people"), shown.map((one) => ({ key: one.id, signature: `${one.id === desk.me}${desk.unread[one.id]}${desk.me}`, make: () => person(one, acts) })));
  const left = people().length - shown.length;
  Object.assign($("sidebar").querySelector(".more"), { hidden: !left, textContent: `${left.toLocaleString("en")} more…` });
}

export function drawHeading(openHome) {
  const home = desk.place === "home";
  const place = conversation();
  const app = home || place?.kind === "im";
  const tab = (name, href, on) => h(`a.tab${on ? ".on" : ""}`, { href, onclick: name === "Home" ? openHome : undefined }, name);
  const title = app ? [avatar(desk.bot, "small"), h("h1", {}, nameOf(desk.bot))] : [h("h1", {}, `${place?.kind === "group" ? "🔒 " : "#"}${place?.name || ""}`)];
  const tabs = app ? h("div.tabs", {}, tab("Messages", "#/dm", !home), tab("Home", "#/home", home)) : null;
  const members = place && !app ? h("span.members", {}, `${place.members} ${place.members === 1 ? "member" : "members"}`) : null;
  const bot = place && !app && !place.bot_is_in ? h("span.members.wrong", {}, `${nameOf(desk.bot)} is not here`) : null;
  const topic = place?.topic ? h("span.topic", {}, place.topic) : null;
  const canvas = place?.canvas ? h("a.members", { href: `/sandbox/page/file/${place.canvas}`, target: "_blank", rel: "noreferrer" }, "Canvas") : null;
  const archived = place?.archived ? h("span.members", {}, "archived") : null;
  $("heading").replaceChildren(...[...title, tabs, topic, canvas, archived, bot, members].filter(Boolean));
  document.title = `${app ? nameOf(desk.bot) : `#${place?.name || ""}`} · ${user(desk.me)?.real_name || ""}`;
}
