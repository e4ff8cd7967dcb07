// Interactive elements: buttons, menus, pickers and inputs. Each tells `act(value)` what a person did.
import { fromWall, toWall } from "./clock.js";
import { desk, people } from "./desk.js";
import { h } from "./dom.js";
import { fileInput } from "./files.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { offer } from "./popover.js";

const plain = (text) => text?.text || "";
const option = (one) => ({ value: one.value, label: plain(one.text), note: plain(one.description) });

function choices(element) {
  const kind = element.type.replace("multi_", "");
  if (kind === "users_select") return people().map((one) => ({ value: one.id, label: one.real_name, note: one.title }));
  if (kind === "channels_select" || kind === "conversations_select") {
    const shown = desk.conversations.filter((one) => kind === "conversations_select" || one.kind === "channel");
    return shown.map((one) => ({ value: one.id, label: one.kind === "im" ? "Direct message" : `#${one.name}` }));
  }
  const groups = element.option_groups?.flatMap((one) => one.options.map((o) => ({ ...option(o), group: plain(one.label) })));
  return groups || (element.options || []).map(option);
}

const INITIAL = ["initial_option", "initial_user", "initial_conversation", "initial_channel", "initial_date", "initial_time"];

/** What an element holds at first, as plain values: a text, an option's value, an id, or a list of those. */
export function initial(element) {
  const value = (one) => one?.value ?? one;
  if (element.type === "datetimepicker") return element.initial_date_time ?? null;
  for (const name of INITIAL) {
    if (element[name] !== undefined) return value(element[name]);
    if (element[`${name}s`] !== undefined) return element[`${name}s`].map(value);
  }
  return element.initial_value ?? null;
}

function confirmed(element, act) {
  const ask = element.confirm;
  if (!ask) return act;
  return (value) => {
    const close = () => dialog.close();
    const yes = h(`button.${ask.style || "primary"}`, { onclick: () => (close(), act(value)) }, plain(ask.confirm));
    const dialog = h("dialog.confirm", {}, h("h2", {}, plain(ask.title)), h("p", {}, textObject(ask.text)));
    dialog.append(h("div.row", {}, h("button", { onclick: close }, plain(ask.deny)), yes));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  };
}

function button(element, act) {
  const press = confirmed(element, async () => {
    node.classList.add("busy");
    await act(element.value ?? null);
    node.classList.remove("busy");
    if (element.url) window.open(element.url, "_blank", "noreferrer");
  });
  const label = { "aria-label": element.accessibility_label };
  const node = h(`button.block-button${element.style ? "." + element.style : ""}`, { onclick: () => press(), ...label });
  node.append(...textObject(element.text));
  return node;
}

function select(element, value, act, multi) {
  const offered = choices(element);
  const chosen = new Set(multi ? value || [] : value === null ? [] : [value]);
  const pick = confirmed(element, act);
  const field = h("button.picker", { type: "button", "aria-haspopup": "listbox" });
  const draw = () => {
    const shown = offered.filter((one) => chosen.has(one.value));
    const label = shown.map((one) => h(multi ? "span.chip" : "span", {}, one.label));
    field.replaceChildren(...(shown.length ? label : [h("span.placeholder", {}, plain(element.placeholder) || "Choose")]));
  };
  const picked = (choice) => {
    if (!multi) {
      chosen.clear();
      chosen.add(choice.value);
    }
    draw();
    pick(multi ? [...chosen] : choice.value);
  };
  field.addEventListener("click", () => offer(field, offered, picked, { multi, chosen }));
  draw();
  return field;
}

function overflow(element, act) {
  const pick = confirmed(element, act);
  const node = h("button.quiet", { "aria-label": "More", "aria-haspopup": "listbox" }, "⋯");
  node.addEventListener("click", () => offer(node, element.options.map(option), (choice) => pick(choice.value)));
  return node;
}

let groups = 0;
function boxes(element, value, act, kind) {
  const name = `group-${groups++}`;
  const chosen = new Set(kind === "radio" ? [value] : value || []);
  const rows = element.options.map((one) => {
    const changed = (event) => {
      if (kind === "radio") chosen.clear();
      if (event.target.checked) chosen.add(one.value);
      else chosen.delete(one.value);
      act(kind === "radio" ? one.value : [...chosen]);
    };
    const box = h("input", { type: kind, name, checked: chosen.has(one.value), onchange: changed });
    const note = one.description ? h("small", {}, textObject(one.description)) : null;
    return h("label.tick", {}, box, h("span", {}, one.text.type === "mrkdwn" ? mrkdwn(one.text.text) : plain(one.text), note));
  });
  return h("div.ticks", { role: kind === "radio" ? "radiogroup" : "group" }, rows);
}

function typed(element, value, act) {
  const kind = { email_text_input: "email", url_text_input: "url", number_input: "text" }[element.type] || "text";
  const common = { placeholder: plain(element.placeholder), value: value ?? "", oninput: (event) => act(event.target.value) };
  if (element.type === "number_input") common.inputMode = "decimal";
  common.autocomplete = "off";
  return element.multiline ? h("textarea", { rows: 4, ...common }) : h("input", { type: kind, ...common });
}

function moment(element, value, act) {
  const kind = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" }[element.type];
  const dated = kind === "datetime-local";
  const shown = dated && value ? toWall(value) : (value ?? "");
  const pick = confirmed(element, act);
  const changed = (event) => pick(dated && event.target.value ? fromWall(event.target.value) : event.target.value || null);
  return h("input.moment", { type: kind, value: shown, onchange: changed, "aria-label": plain(element.placeholder) || kind });
}

/** The element as something to use. `value` is what it holds; `act` hears of every change or press. */
export function element(one, value, act) {
  if (one.type === "button" || one.type === "workflow_button") return button(one, act);
  if (one.type === "overflow") return overflow(one, act);
  if (one.type === "checkboxes") return boxes(one, value, act, "checkbox");
  if (one.type === "radio_buttons") return boxes(one, value, act, "radio");
  if (one.type.endsWith("_select")) return select(one, value, act, one.type.startsWith("multi_"));
  if (one.type.endsWith("picker")) return moment(one, value, act);
  if (one.type === "file_input") return fileInput(one, value, act);
  if (one.type.endsWith("_input")) return typed(one, value, act);
  return h("span.unknown", {}, `(${one.type})`);
}
