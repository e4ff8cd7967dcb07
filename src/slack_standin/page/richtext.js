// rich_text blocks as DOM nodes.
import { dateToken } from "./clock.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelLink, mention, outward } from "./mrkdwn.js";

const MARKS = { bold: "b", italic: "i", strike: "s", code: "code", underline: "u" };

function styled(node, style = {}) {
  return Object.entries(MARKS).reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}

function piece(element) {
  switch (element.type) {
    case "text":
      return styled(h("span.keep", {}, element.text), element.style);
    case "link":
      return styled(outward(element.url, element.text), element.style);
    case "user":
      return mention(element.user_id);
    case "channel":
      return channelLink(element.channel_id);
    case "emoji":
      return emoji(element.name);
    case "broadcast":
      return h("span.mention.own", {}, `@${element.range}`);
    case "date":
      return h("time", {}, dateToken(element.timestamp, element.format));
    default:
      return element.text || "";
  }
}

const pieces = (part) => part.elements.map(piece);

function list(part) {
  const items = part.elements.map((section) => h("li", {}, pieces(section)));
  return h(part.style === "ordered" ? "ol" : "ul", { style: `margin-left:${(part.indent || 0) * 1.4}em` }, items);
}

export function richText(block) {
  return block.elements.map((part) => {
    if (part.type === "rich_text_list") return list(part);
    if (part.type === "rich_text_quote") return h("blockquote", {}, pieces(part));
    if (part.type === "rich_text_preformatted") return h("pre", {}, pieces(part));
    return h("div", {}, pieces(part));
  });
}
