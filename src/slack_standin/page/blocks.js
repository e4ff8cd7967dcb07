// Blocks as DOM nodes. `hands` says what elements hold and what happens when they are used.
import { element, initial } from "./elements.js";
import { h } from "./dom.js";
import { image } from "./files.js";
import { markdown, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

function used(block, one, hands) {
  if (one.type === "image") return image(one, ".accessory");
  const held = hands.value?.(block, one);
  return element(one, held === undefined ? initial(one) : held, (value) => hands.act(block, one, value));
}

function section(block, hands) {
  const text = block.text ? h("div.text", {}, textObject(block.text)) : null;
  const fields = block.fields ? h("div.fields", {}, block.fields.map((one) => h("div", {}, textObject(one)))) : null;
  const accessory = block.accessory ? h("div.side", {}, used(block, block.accessory, hands)) : null;
  return h("div.section", {}, h("div.grow", {}, text, fields), accessory);
}

function input(block, hands) {
  const error = hands.errors?.[block.block_id];
  const label = h("span.label", {}, textObject(block.label), block.optional ? h("small", {}, " (optional)") : null);
  const one = used(block, block.element, hands);
  const tag = ["checkboxes", "radio_buttons"].includes(block.element.type) ? "div" : "label";
  const hint = block.hint ? h("small.hint", {}, textObject(block.hint)) : null;
  const field = h(`${tag}.input${error ? ".wrong" : ""}`, { dataset: { block: block.block_id } }, label, one);
  field.append(...[error ? h("span.error", { role: "alert" }, error) : null, hint].filter(Boolean));
  return field;
}

function table(block) {
  const columns = block.column_settings || [];
  const cell = (one) => (one.type === "rich_text" ? richText(one) : String(one.text ?? one.value ?? ""));
  const rows = block.rows.map((row, number) =>
    h("tr", {}, row.map((one, column) => {
      const style = `text-align:${columns[column]?.align || "left"}`;
      return h(number ? "td" : "th", { style }, cell(one));
    })),
  );
  return h("div.table", {}, h("table", {}, h("thead", {}, rows[0]), h("tbody", {}, rows.slice(1))));
}

const DRAW = {
  section,
  input,
  table,
  header: (block) => h("h2.header", {}, textObject(block.text)),
  divider: () => h("hr"),
  context: (block) =>
    h("div.context", {}, block.elements.map((one) => (one.type === "image" ? image(one, ".small") : h("span", {}, textObject(one))))),
  actions: (block, hands) => h("div.actions", {}, block.elements.map((one) => used(block, one, hands))),
  image: (block) =>
    h("figure", {}, block.title ? h("figcaption", {}, textObject(block.title)) : null, image(block, "")),
  markdown: (block) => h("div.markdown", {}, markdown(block.text)),
  rich_text: (block) => h("div.rich", {}, richText(block)),
};

/** `hands`: value(block, element) -> what it holds, act(block, element, value), errors by block_id. */
export function blocks(list, hands) {
  return list.map((block) => DRAW[block.type]?.(block, hands) || h("div.unknown", {}, `A ${block.type} block, which is not drawn here`));
}
