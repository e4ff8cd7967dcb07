// "Try this": what a newcomer may click on the first page, until they have done something.
import { desk, people } from "./desk.js";
import { $, h } from "./dom.js";
import { isPane } from "./pair.js";

const MOST = 3;
const KEPT = "sandbox-tried";

/** What whoever serves the page hands in; without that, the first commands that the app declares. */
function tries() {
  if (desk.tries.length) return desk.tries;
  return desk.commands.slice(0, MOST).map((one) => ({ label: `Type ${one.command}`, text: `${one.command} ` }));
}

/** Somebody has begun: the page is theirs. */
export function tried() {
  sessionStorage.setItem(KEPT, "1");
  $("tries").hidden = true;
}

/** `go(user, place)` shows a place as somebody; `type(text)` puts words into the composer there. */
export function drawTries(go, type) {
  const all = tries();
  $("tries").hidden = isPane || !all.length || sessionStorage.getItem(KEPT) === "1";
  if ($("tries").hidden || $("tries").firstChild) return;
  const attempt = async (one) => {
    const user = people().find((each) => each.name === one.user || each.id === one.user)?.id;
    if (one.href) return void open(one.href, "_blank");
    await go(user || desk.me, one.channel || desk.place);
    if (one.text) type(one.text);
    return undefined;
  };
  const rows = all.map((one) => h("button", { onclick: () => attempt(one) }, h("b", {}, one.label), one.note ? h("small", {}, one.note) : null));
  const close = h("button.quiet", { "aria-label": "Hide what to try", onclick: tried }, "✕");
  $("tries").append(h("div.heading", {}, h("h2", {}, "Try this"), close), h("div.rows", {}, rows));
}
