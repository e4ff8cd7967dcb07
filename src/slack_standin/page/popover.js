// What opens beside something: menus and lists to choose from.
import { h } from "./dom.js";

const MOST = 100; // rows shown; more are found by typing
let open = null;

export function closePopover() {
  if (!open) return false;
  const { panel, anchor, finish } = open;
  open = null;
  panel.remove();
  anchor.setAttribute("aria-expanded", "false");
  finish?.();
  return true;
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.panel.contains(event.target) && !open.anchor.contains(event.target)) closePopover();
});
window.addEventListener("resize", closePopover);

function place(panel, anchor) {
  const box = anchor.getBoundingClientRect();
  panel.style.minWidth = `${Math.min(box.width, 420)}px`;
  const { width, height } = panel.getBoundingClientRect();
  const below = box.bottom + height + 8 < innerHeight || box.top < height;
  panel.style.top = `${below ? Math.min(box.bottom + 4, innerHeight - height - 8) : box.top - height - 4}px`;
  panel.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
}

function popover(anchor, panel, finish) {
  closePopover();
  open = { panel, anchor, finish };
  document.body.append(panel);
  anchor.setAttribute("aria-expanded", "true");
  place(panel, anchor);
}

/** Moves the highlight with the arrow keys; `pick` is called for Enter. */
function keys(event, list, pick) {
  const items = [...list.querySelectorAll("[role=option]")];
  const at = items.findIndex((item) => item.classList.contains("at"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length];
    items[at]?.classList.remove("at");
    next?.classList.add("at");
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && items[at]) pick(items[at]);
  else if (event.key === "Escape") closePopover();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * Offers `choices` ({value, label, note, group, danger}) beside `anchor`. One choice closes it; with `multi`, `chosen`
 * is a set that is ticked off in place, and `pick` hears of each change.
 */
export function offer(anchor, choices, pick, { multi = false, chosen = new Set(), filter = choices.length > 8 } = {}) {
  const list = h("div.options", { role: "listbox", tabIndex: -1 });
  const take = (item) => {
    const choice = choices[Number(item.dataset.number)];
    if (!multi) closePopover();
    else if (!chosen.delete(choice.value)) chosen.add(choice.value);
    if (multi) item.setAttribute("aria-selected", chosen.has(choice.value));
    pick(choice);
    if (!multi) anchor.focus();
  };
  const draw = (wanted) => {
    let group;
    let count = 0;
    const rows = choices.flatMap((choice, number) => {
      if (count >= MOST || (wanted && !`${choice.label} ${choice.note || ""}`.toLowerCase().includes(wanted))) return [];
      count += 1;
      const heading = choice.group && choice.group !== group ? h("div.group", {}, choice.group) : null;
      group = choice.group;
      const note = choice.note ? h("small", {}, choice.note) : null;
      const option = h(`div.option${choice.danger ? ".danger" : ""}`, { role: "option", dataset: { number } }, choice.label, note);
      option.setAttribute("aria-selected", chosen.has(choice.value));
      option.addEventListener("click", () => take(option));
      return [heading, option];
    });
    list.replaceChildren(...rows.filter(Boolean));
    if (!rows.length) list.append(h("div.nothing", {}, "Nothing fits"));
    (list.querySelector("[aria-selected=true]") || list.querySelector("[role=option]"))?.classList.add("at");
  };
  const search = filter && h("input", { type: "search", placeholder: "Find", oninput: () => draw(search.value.toLowerCase()) });
  const panel = h("div.popover", {}, search || null, list);
  panel.addEventListener("keydown", (event) => keys(event, list, take));
  draw("");
  popover(anchor, panel, null);
  (search || list).focus();
  place(panel, anchor);
}
