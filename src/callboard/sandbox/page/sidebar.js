// Channels, the app, and the people one can be.
import { conversation, desk, nameOf, people, user } from "./desk.js";
import { $, h } from "./dom.js";
import { avatar } from "./messages.js";

const badge = (count) => (count ? h("span.badge", {}, count > 99 ? "99+" : String(count)) : null);

function row(place, sign, label, unread) {
  const current = desk.place === place ? ".current" : "";
  const link = h(`a.row${current}${unread ? ".unread" : ""}`, { href: `#/${place}` }, h("span.sign", {}, sign), h("span.name", {}, label), badge(unread));
  if (current) link.setAttribute("aria-current", "page");
  return h("li", {}, link);
}

function person(one, become) {
  const own = one.id === desk.me;
  const title = `${one.title ? `${one.title} · ` : ""}${one.tz}`;
  const press = (event) => event.metaKey || event.ctrlKey || (event.preventDefault(), become(one.id));
  const button = h(`a.row${own ? ".current" : ""}`, { href: `/?as=${one.name}`, onclick: press, title, role: "button" });
  button.setAttribute("aria-pressed", own);
  button.append(avatar(one.id, "small"), h("span.name", {}, one.real_name));
  button.append(...[own ? h("span.you", {}, "you") : null, own ? null : badge(one.unread)].filter(Boolean));
  return h("li", {}, button);
}

export function drawSidebar(become) {
  const bySign = (one) => (one.archived ? "▪" : one.kind === "channel" ? "#" : "🔒");
  const channels = desk.conversations.filter((one) => one.kind !== "im").sort((a, b) => a.name.localeCompare(b.name));
  const dm = desk.conversations.find((one) => one.kind === "im");
  const list = channels.map((one) => row(one.id, bySign(one), one.name, one.unread));
  const app = [row(dm?.id || "dm", "✉", "Messages", dm?.unread), row("home", "⌂", "Home", 0)];
  const scroll = $("sidebar").scrollTop;
  $("sidebar").replaceChildren(
    h("section", {}, h("h2", {}, "Channels"), h("ul", {}, list)),
    h("section", {}, h("h2", {}, nameOf(desk.bot), " ", h("span.app", {}, "APP")), h("ul", {}, app)),
    h("section.people", {}, h("h2", {}, "Be somebody"), h("ul", {}, people().map((one) => person(one, become)))),
  );
  $("sidebar").scrollTop = scroll;
}

export function drawHeading(openHome) {
  const home = desk.place === "home";
  const place = conversation();
  const app = home || place?.kind === "im";
  const dm = desk.conversations.find((one) => one.kind === "im");
  const tab = (name, href, on) => h(`a.tab${on ? ".on" : ""}`, { href, onclick: name === "Home" ? openHome : undefined }, name);
  const title = app ? [avatar(desk.bot, "small"), h("h1", {}, nameOf(desk.bot))] : [h("h1", {}, `${place?.kind === "group" ? "🔒 " : "#"}${place?.name || ""}`)];
  const tabs = app ? h("div.tabs", {}, tab("Messages", `#/${dm?.id || "dm"}`, !home), tab("Home", "#/home", home)) : null;
  const members = place && !app ? h("span.members", {}, `${place.members} members`) : null;
  const bot = place && !app && !place.bot_is_in ? h("span.members.wrong", {}, `${nameOf(desk.bot)} is not here`) : null;
  const topic = place?.topic ? h("span.topic", {}, place.topic) : null;
  const archived = place?.archived ? h("span.members", {}, "archived") : null;
  $("heading").replaceChildren(...[...title, tabs, topic, archived, bot, members].filter(Boolean));
  document.title = `${app ? nameOf(desk.bot) : `#${place?.name || ""}`} · ${user(desk.me)?.real_name || ""}`;
}
