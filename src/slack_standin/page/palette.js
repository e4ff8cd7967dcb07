// Ctrl+K: jump to a channel, become somebody, or do something.
import { desk, people } from "./desk.js";
import { h } from "./dom.js";

const MOST = 60;

/** `deeds` are pairs of a name and what it does. */
export function palette(go, become, deeds) {
  if (document.querySelector("dialog.palette")) return;
  const channels = desk.conversations.filter((one) => one.kind !== "im").map((one) => ({ label: `#${one.name}`, note: "Channel", act: () => go(one.id) }));
  const dm = desk.conversations.find((one) => one.kind === "im");
  const app = [{ label: "Messages with the app", note: "App", act: () => go(dm?.id || "dm") }, { label: "Home", note: "App", act: () => go("home") }];
  const persons = people().map((one) => ({ label: one.real_name, note: one.id === desk.me ? "You" : `Become @${one.name}`, act: () => become(one.id) }));
  const others = deeds.map(([label, act]) => ({ label, note: "Do", act }));
  const all = [...channels, ...app, ...persons, ...others];
  const list = h("div.options", { role: "listbox" });
  const search = h("input", { type: "search", placeholder: "Channel, person, or what to do", "aria-label": "Jump to" });
  const dialog = h("dialog.palette", {}, search, list);
  let found = all.slice(0, MOST);
  let at = 0;
  const take = (one) => {
    dialog.close();
    one?.act();
  };
  const draw = () => {
    const rows = found.map((one, number) => h(`div.option${number === at ? ".at" : ""}`, { role: "option", onclick: () => take(one) }, one.label, h("small", {}, one.note)));
    list.replaceChildren(...rows);
    rows[at]?.scrollIntoView({ block: "nearest" });
  };
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    const fits = all.filter((one) => `${one.label} ${one.note}`.toLowerCase().includes(wanted));
    const begins = (one) => Number(!one.label.replace("#", "").toLowerCase().startsWith(wanted));
    found = fits.sort((a, b) => begins(a) - begins(b)).slice(0, MOST);
    at = 0;
    draw();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") at = Math.min(found.length - 1, at + 1);
    else if (event.key === "ArrowUp") at = Math.max(0, at - 1);
    else if (event.key === "Enter") take(found[at]);
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
