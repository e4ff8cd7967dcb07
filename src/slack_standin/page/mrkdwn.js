// Slack's text markup as DOM nodes.
import { dateToken } from "./clock.js";
import { desk, nameOf } from "./desk.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";

const TOKENS =
  /`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|(?<![\w~])~([^~\n]+)~(?![\w~])|:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/g;
const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function mention(id) {
  return h(`span.mention${id === desk.me ? ".own" : ""}`, {}, `@${nameOf(id)}`);
}

export function channelLink(id, label) {
  const name = label || desk.conversations.find((one) => one.id === id)?.name || id;
  return h("a.mention", { href: `#/${id}` }, `#${name}`);
}

export const outward = (href, label) => h("a", { href, target: "_blank", rel: "noreferrer" }, label || href);

function angled(inside) {
  const [target, label] = inside.split("|");
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelLink(target.slice(1), label);
  if (target.startsWith("!date^")) {
    const [, seconds, pattern, link] = target.split("^");
    const text = h("time", { title: unescape(label || "") }, dateToken(seconds, pattern));
    return link ? outward(link, text) : text;
  }
  if (target.startsWith("!")) return h("span.mention.own", {}, `@${target.slice(1).split("^")[0]}`);
  return /^(https?|mailto|tel):/.test(target) ? outward(unescape(target), label && unescape(label)) : `<${unescape(inside)}>`;
}

export function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    nodes.push(unescape(text.slice(end, match.index)));
    const [, code, inside, bold, italic, strike, short] = match;
    if (code !== undefined) nodes.push(h("code", {}, unescape(code)));
    else if (inside !== undefined) nodes.push(angled(inside));
    else if (bold !== undefined) nodes.push(h("b", {}, inline(bold)));
    else if (italic !== undefined) nodes.push(h("i", {}, inline(italic)));
    else if (strike !== undefined) nodes.push(h("s", {}, inline(strike)));
    else nodes.push(emoji(short));
    end = match.index + match[0].length;
  }
  nodes.push(unescape(text.slice(end)));
  return nodes;
}

function lines(text) {
  return text.split("\n").flatMap((line, number) => (number ? [h("br"), ...inline(line)] : inline(line)));
}

function paragraphs(text) {
  const parts = [];
  for (const line of text.split("\n")) {
    const quoted = /^(&gt;|>) ?/.exec(line);
    const last = parts[parts.length - 1];
    const words = quoted ? line.slice(quoted[0].length) : line;
    if (last && last.quoted === Boolean(quoted)) last.lines.push(words);
    else parts.push({ quoted: Boolean(quoted), lines: [words] });
  }
  return parts.map((part) => h(part.quoted ? "blockquote" : "span", {}, lines(part.lines.join("\n"))));
}

/** mrkdwn: pre-formatted parts, quotes, lines, marks. */
export function mrkdwn(text) {
  return text.split(/```\n?/).map((part, number) => {
    if (number % 2) return h("pre", {}, unescape(part.replace(/\n$/, "")));
    return part ? paragraphs(number ? part.replace(/^\n/, "") : part) : null;
  });
}

/** A text object, plain or mrkdwn. */
export function textObject(text) {
  if (!text) return null;
  if (text.type === "mrkdwn") return mrkdwn(text.text);
  const shown = text.text.replace(/:([a-z0-9_+'-]+):/g, (whole, name) => (text.emoji === false ? whole : emoji(name)));
  return shown.split("\n").flatMap((line, number) => (number ? [h("br"), line] : [line]));
}

/** Standard markdown, as far as a `markdown` block commonly goes: headings, lists, quotes, code, emphasis, links. */
export function markdown(text) {
  const slackish = (line) =>
    line
      .replace(/\*\*(.+?)\*\*/g, "\u0001$1\u0001")
      .replace(/(?<!\w)\*(?!\s)(.+?)\*(?!\w)/g, "_$1_")
      .replace(/\u0001/g, "*")
      .replace(/~~(.+?)~~/g, "~$1~")
      .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, "<$2|$1>");
  return text.split("```").map((part, number) => {
    if (number % 2) return h("pre", {}, part.replace(/^\w*\n/, "").replace(/\n$/, ""));
    return part.trim().split(/\n{2,}|\n(?=#{1,6} )|(?<=^#{1,6} .*)\n/m).map((paragraph) => {
      const heading = /^(#{1,6}) (.*)/.exec(paragraph);
      if (heading) return h("h2.minor", {}, inline(slackish(heading[2])));
      const rows = paragraph.split("\n");
      const item = /^\s*(?:[-*+]|(\d+)\.) /;
      if (rows.every((row) => item.test(row))) {
        const list = rows.map((row) => h("li", {}, inline(slackish(row.replace(item, "")))));
        return h(/^\s*\d/.test(rows[0]) ? "ol" : "ul", {}, list);
      }
      return h("p", {}, paragraphs(rows.map(slackish).join("\n")));
    });
  });
}
