// Files on messages: pictures as such, the first lines of texts, the rest by name.
import { desk } from "./desk.js";
import { h, post, toast } from "./dom.js";

const PREVIEWED = 4000; // characters
const LINES = 12;
const PICTURE = /\.(png|jpe?g|gif|webp|svg|avif)$/i;
const TEXT = /\.(ya?ml|json|txt|text|md|csv|log|py|js|ts|sh|toml|ini|cfg|diff|patch|xml|html|css|sql|ics)$/i;

const size = (bytes) => (bytes === undefined ? "" : bytes < 1000 ? `${bytes} bytes` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function text(url) {
  const shown = h("pre.preview", {}, "…");
  fetch(url).then((answer) => answer.text()).then((whole) => {
    const lines = whole.slice(0, PREVIEWED).split("\n");
    const more = lines.length > LINES || whole.length > PREVIEWED;
    shown.textContent = lines.slice(0, LINES).join("\n") + (more ? "\n…" : "");
  });
  return shown;
}

function file(one) {
  const url = `/sandbox/page/file/${one.id}`;
  const name = one.title || one.name || one.id;
  const head = h("a.file-name", { href: url, target: "_blank", rel: "noreferrer" }, h("b", {}, name), h("small", {}, size(one.size)));
  const picture = PICTURE.test(one.name) || one.mimetype?.startsWith("image/");
  const inside = picture ? h("img", { src: url, alt: one.alt_txt || name }) : TEXT.test(one.name) || one.mimetype?.startsWith("text/") ? text(url) : null;
  return h("div.file", {}, head, inside);
}

export const files = (message) => (message.files || []).map(file);

/** A picture at an address: shown when it is the sandbox's own; nothing is fetched from elsewhere. */
export function image(one, kind) {
  const address = one.image_url || one.slack_file?.url || "";
  const file = one.slack_file?.id && `/sandbox/page/file/${one.slack_file.id}`;
  const own = file || (new URL(address || "about:blank", location.href).origin === location.origin ? address : address.startsWith("data:") ? address : null);
  if (own) return h(`img${kind}`, { src: own, alt: one.alt_text, title: one.alt_text });
  return h(`a.elsewhere${kind}`, { href: address, target: "_blank", rel: "noreferrer", title: `Not fetched: ${address}` }, "🖼", h("span", {}, one.alt_text));
}

/** Upload what somebody chose; `channel` posts it there. Returns the file as Slack writes it, or null. */
export async function upload(chosen, channel) {
  const content = await chosen.text();
  if (content.includes("\0")) {
    toast(`${chosen.name} is no text: upload text files and SVG pictures here.`, "wrong");
    return null;
  }
  const answer = await post("/sandbox/act/upload", { user: desk.me, name: chosen.name, content, channel });
  if (!answer.ok) toast(answer.error, "wrong");
  return answer.file || null;
}

/** A `file_input`: its value is the list of files that were uploaded. */
export function fileInput(element, value, act) {
  const kinds = (element.filetypes || []).map((one) => `.${one}`).join(",");
  const most = element.max_files || 10;
  const names = h("span.chosen", {}, (value || []).map((one) => one.name).join(", "));
  const changed = async (event) => {
    const made = await Promise.all([...event.target.files].slice(0, most).map((one) => upload(one)));
    const kept = made.filter(Boolean);
    names.textContent = kept.map((one) => one.name).join(", ");
    act(kept);
  };
  return h("span.file-input", {}, h("input", { type: "file", accept: kinds, multiple: most > 1, onchange: changed }), names);
}
