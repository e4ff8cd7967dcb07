// Ctrl+K: jump to a channel or a time, become somebody, or do something.
import { clock, day, time } from "./clock.js";
import { desk, people } from "./desk.js";
import { h, toast } from "./dom.js";
import { EXAMPLES, readTime } from "./times.js";

const MOST = 60;

/** What was typed as a time: where it leads, or what is wrong with it. */
function moment(typed, jumpTo) {
  const read = clock.own ? readTime(typed) : null;
  if (!read) return [];
  if (read.error) return [{ label: read.error, note: "Time", act: () => toast(read.error, "wrong") }];
  return [{ label: `Go to ${time(read.at)}, ${day(read.at)}`, note: "Time", act: () => jumpTo(read.at) }];
}

/** `deeds` are pairs of a name and what it does; `jumpTo` takes an instant. */
export function palette(go, become, deeds, jumpTo) {
  if (document.querySelector("dialog.palette")) return;
  const channels = desk.conversations.filter((one) => one.kind !== "im").map((one) => ({ label: `#${one.name}`, note: "Channel", act: () => go(one.id) }));
  const dm = desk.conversations.find((one) => one.kind === "im");
  const app = [{ label: "Messages with the app", note: "App", act: () => go(dm?.id || "dm") }, { label: "Home", note: "App", act: () => go("home") }];
  const persons = people().map((one) => ({ label: one.real_name, note: one.id === desk.me ? "You" : `Become @${one.name}`, act: () => become(one.id) }));
  const others = deeds.map(([label, act]) => ({ label, note: "Do", act }));
  const all = [...channels, ...app, ...persons, ...others];
  const list = h("div.options", { role: "listbox" });
  const search = h("input", { type: "search", placeholder: clock.own ? `Channel, person, or time: ${EXAMPLES}` : "Channel, person, or what to do", "aria-label": "Jump to" });
  const dialog = h("dialog.palette", {}, search, list);
  let found = all.slice(0, MOST);
  let at = 0;
  const take = (one) => {
    dialog.close();
    dialog.remove(); // not only when it has closed: what opens another tab may put that off until one comes back
    one?.act();
  };
  const draw = () => {
    const rows = found.map((one, number) => h(`div.option${number === at ? ".at" : ""}`, { role: "option", onclick: () => take(one) }, one.label, h("small", {}, one.note)));
    list.replaceChildren(...(rows.length ? rows : [h("div.nothing", {}, `Nothing fits. Type a channel, a person${clock.own ? `, or a time: ${EXAMPLES}` : " or what to do"}.`)]));
    rows[at]?.scrollIntoView({ block: "nearest" });
  };
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    const fits = all.filter((one) => `${one.label} ${one.note}`.toLowerCase().includes(wanted));
    const begins = (one) => Number(!one.label.replace("#", "").toLowerCase().startsWith(wanted));
    found = [...moment(search.value, jumpTo), ...fits.sort((a, b) => begins(a) - begins(b))].slice(0, MOST);
    at = 0;
    draw();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") at = Math.max(0, Math.min(found.length - 1, at + 1));
    else if (event.key === "ArrowUp") at = Math.max(0, at - 1);
    else if (event.key === "Enter") found[at] && take(found[at]);
    else return;
    event.preventDefault();
    draw();
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  draw();
  dialog.showModal();
  search.focus();
}
