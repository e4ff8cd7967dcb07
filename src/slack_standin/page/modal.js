// The modal on top of somebody's stack, and the App Home.
import { blocks } from "./blocks.js";
import { desk } from "./desk.js";
import { $, h, post, toast } from "./dom.js";
import { textObject } from "./mrkdwn.js";

let errors = {};
let shown = null;
let opener = null;

const key = (block, one) => `${block.block_id} ${one.action_id}`;
const drafts = (view) => (desk.drafts[view.id] ||= {});

function held(view, block, one) {
  const draft = drafts(view)[key(block, one)];
  if (draft !== undefined) return draft;
  const kept = view.values?.[block.block_id]?.[one.action_id];
  if (!kept) return undefined;
  const value = Object.entries(kept).find(([name]) => name !== "type")?.[1];
  const plain = (item) => item?.value ?? item;
  return Array.isArray(value) ? value.map(plain) : plain(value);
}

/** What was filled into the inputs of a view, by block_id. */
function filled(view) {
  const values = {};
  for (const block of view.body.blocks) {
    if (block.type !== "input") continue;
    const draft = drafts(view)[key(block, block.element)];
    if (draft !== undefined) values[block.block_id] = draft;
  }
  return values;
}

function hands(view) {
  return {
    errors: view.body.type === "home" ? {} : errors,
    value: (block, one) => held(view, block, one),
    act: async (block, one, value) => {
      if (block.type === "input") {
        drafts(view)[key(block, one)] = value;
        if (!block.dispatch_action) return;
      }
      const body = { user: desk.me, action: one.action_id, value, view_id: view.id, block_id: block.block_id, values: filled(view) };
      const answer = await post("/sandbox/act/click_in_view", body);
      if (!answer.ok) toast(answer.failure || answer.error, "wrong");
    },
  };
}

async function submit(view, button) {
  button?.classList.add("busy");
  const answer = await post("/sandbox/act/submit", { user: desk.me, view_id: view.id, values: filled(view) });
  button?.classList.remove("busy");
  errors = answer.errors || {};
  if (answer.ok) return;
  if (Object.keys(errors).length) {
    draw(desk.modals.find((one) => one.id === view.id) || view, true);
    $("overlay").querySelector(".wrong input, .wrong textarea, .wrong button")?.focus();
  } else toast(answer.failure || answer.error, "wrong");
}

export async function closeTop(everything = false) {
  const view = desk.modals[desk.modals.length - 1];
  if (!view) return false;
  const answer = await post("/sandbox/act/close_view", { user: desk.me, view_id: view.id, everything });
  if (answer.error) toast(answer.error, "wrong");
  return true;
}

function draw(view, force = false) {
  const state = `${view.id} ${view.hash}`;
  if (shown === state && !force) return;
  const focus = document.activeElement?.closest?.("[data-block]")?.dataset.block;
  const fresh = !shown || !shown.startsWith(view.id);
  if (!shown) opener = document.activeElement;
  if (fresh) errors = {};
  shown = state;
  const body = view.body;
  const scroll = $("overlay").querySelector(".content")?.scrollTop || 0;
  const close = h("button.quiet", { type: "button", "aria-label": "Close", onclick: () => closeTop(true) }, "✕");
  const back = desk.modals.length > 1 ? h("button.quiet", { type: "button", "aria-label": "Back", onclick: () => closeTop() }, "‹") : null;
  const title = h("h2", { id: "modal-title" }, textObject(body.title));
  const cancel = h("button", { type: "button", onclick: () => closeTop() }, body.close ? textObject(body.close) : "Cancel");
  const go = body.submit ? h("button.primary", { type: "submit" }, textObject(body.submit)) : null;
  const content = h("div.content", { tabIndex: -1 }, blocks(body.blocks, hands(view)));
  const form = h("form.modal", { noValidate: true, role: "dialog", "aria-modal": "true", "aria-labelledby": "modal-title" });
  form.append(h("div.heading", {}, back || "", title, close), content, h("div.row", {}, cancel, go));
  form.addEventListener("submit", (event) => (event.preventDefault(), submit(view, go)));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
    if (event.key === "Tab") trap(event, form);
  });
  $("overlay").replaceChildren(form);
  content.scrollTop = fresh ? 0 : scroll;
  const again = focus && content.querySelector(`[data-block="${CSS.escape(focus)}"]`);
  // Never a button: Enter would press it unread.
  ((again || content).querySelector("input, textarea, .picker") || content).focus();
}

function trap(event, form) {
  const stops = [...form.querySelectorAll("button, input, textarea, a[href]")].filter((one) => !one.disabled);
  const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
}

export function drawModal() {
  const view = desk.modals[desk.modals.length - 1];
  if (view) return draw(view);
  if (shown === null) return undefined;
  shown = null;
  $("overlay").replaceChildren();
  opener?.isConnected && opener.focus();
  return undefined;
}

export function homePane() {
  const view = desk.home;
  if (!view) return h("div.home", {}, h("p.empty", {}, "The app has not published a Home for you yet."));
  return h("div.home", {}, blocks(view.body.blocks, hands(view)));
}
