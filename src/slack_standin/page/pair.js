// Two people side by side: the second one's page, whole, beside this one's.
import { desk, nameOf, people, user } from "./desk.js";
import { $, h } from "./dom.js";

export const isPane = window !== window.parent;

const opened = () => $("beside").querySelector("iframe");

/** Who is in the pane, as far as it has said so. */
export const other = () => $("beside").dataset.user || null;

export function closeBeside() {
  $("beside").replaceChildren();
  $("beside").hidden = true;
  delete $("beside").dataset.user;
}

/** Open somebody's page beside this one; `place` is where they look, their own messages by default. */
export function beside(id, place = "dm") {
  const wanted = user(id) && id !== desk.me ? id : people().find((one) => one.id !== desk.me)?.id;
  if (!wanted) return;
  const frame = h("iframe", { src: `/?as=${user(wanted).name}#/${place}`, title: `The page of ${nameOf(wanted)}` });
  Object.assign($("beside").dataset, { user: wanted });
  $("beside").replaceChildren(frame);
  $("beside").hidden = false;
}

/** The pane asks to be closed, and says who it is now. */
export function listenToPane() {
  addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.source !== opened()?.contentWindow) return;
    if (event.data === "close") closeBeside();
    else if (event.data.user) $("beside").dataset.user = event.data.user;
  });
}

export const tellOpener = (said) => isPane && window.parent.postMessage(said, location.origin);
