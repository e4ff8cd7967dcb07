"use strict";

const $ = (id) => document.getElementById(id);
let schemas = {};

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

const followed = (schema) => (schema?.$ref ? schemas[schema.$ref.split("/").pop()] : schema) ?? {};

/** The alternatives of a schema, without null. */
const choices = (schema) => (schema.anyOf ?? schema.oneOf ?? [schema]).filter((one) => one.type !== "null");

/** What a value is, in words: `text, at most 500 characters`. */
function words(schema) {
  const kinds = choices(schema).map((one) => {
    const is = followed(one);
    if (is.enum) return is.enum.map((value) => `"${value}"`).join(" | ");
    if (is.const !== undefined) return `"${is.const}"`;
    if (is.type === "array") return `list of ${words(is.items ?? {})}`;
    if (is.type === "object") return one.$ref ? one.$ref.split("/").pop() : "object";
    const kind = { string: is.format === "date-time" ? "instant" : "text", integer: "whole number", number: "number", boolean: "true or false" };
    return (kind[is.type] ?? "anything") + limits(is);
  });
  const empty = (schema.anyOf ?? []).some((one) => one.type === "null");
  return kinds.join(" or ") + (empty ? " or null" : "");
}

function limits(schema) {
  const { minimum, maximum, minLength, maxLength } = schema;
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  if (maximum !== undefined) return `, at most ${maximum}`;
  if (maxLength !== undefined) return `, ${minLength ?? 0} to ${maxLength} characters`;
  return "";
}

function example(schema, depth = 0) {
  const own = schema.examples?.[0] ?? schema.default;
  if (own !== undefined && own !== null) return own;
  const is = followed(choices(schema)[0]);
  if (is.examples) return is.examples[0];
  if (is.enum) return is.enum[0];
  if (is.type === "object") {
    const wanted = Object.entries(is.properties ?? {}).filter(([name]) => is.required?.includes(name));
    return depth > 4 ? {} : Object.fromEntries(wanted.map(([name, part]) => [name, example(part, depth + 1)]));
  }
  if (is.type === "array") return is.minItems ? [example(is.items ?? {}, depth + 1)] : [];
  if (is.format === "date-time") return "2026-01-31T12:00:00Z";
  return { integer: is.minimum ?? 1, number: 1, boolean: true, string: "..." }[is.type] ?? {};
}

function table(title, rows) {
  if (!rows.length) return null;
  const heads = ["Name", "What it is", ""].map((name) => element("th", "", name));
  const body = rows.map(([name, kind, about, must]) => element("tr", "",
    element("td", "", element("code", "", name), must ? " *" : ""), element("td", "", kind), element("td", "", about)));
  return element("section", "", element("h3", "", title), element("table", "", element("tr", "", ...heads), ...body));
}

function fields(schema) {
  const is = followed(choices(schema)[0]);
  return Object.entries(is.properties ?? {}).map(([name, part]) => {
    const usual = part.default !== undefined && part.default !== null && part.default !== "" ? `Default: ${JSON.stringify(part.default)}` : "";
    return [name, words(part), [part.description ?? "", usual].filter(Boolean).join(" "), is.required?.includes(name)];
  });
}

const body = (content) => Object.values(content ?? {})[0]?.schema;
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(method, path, operation) {
  const place = (operation.parameters ?? []).filter((one) => one.in === "path");
  const filled = place.reduce((url, one) => url.replace(`{${one.name}}`, one.name === "plan" ? "$PLAN" : example(one.schema ?? {})), path);
  const lines = [`curl -sS -X ${method.toUpperCase()} "${location.origin}${filled}"`];
  if (operation.security) lines.push(`-H "Authorization: Bearer $CALLBOARD_TOKEN"`);
  const sent = body(operation.requestBody?.content);
  if (sent) lines.push(`-H "Content-Type: application/json"`, `-d ${quoted(JSON.stringify(example(sent)))}`);
  return lines.join(" \\\n  ");
}

function shownCurl(command) {
  const copy = element("button", "", "Copy");
  copy.type = "button";
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command);
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
  return element("div", "curl", element("pre", "", command), navigator.clipboard ? copy : null);
}

function answers(operation) {
  return Object.entries(operation.responses).map(([status, answer]) => {
    const schema = body(answer.content);
    return [status, schema?.$ref ? schema.$ref.split("/").pop() : "", answer.description === "Successful Response" ? "Done." : answer.description];
  });
}

function route(method, path, operation) {
  const about = operation.description ?? "";
  const summary = element("summary", "", element("span", `method ${method}`, method.toUpperCase()),
    element("span", "path", path.replace("/api/v1/plans/{plan}/", "…/")), element("span", "faint", about.split("\n")[0]));
  summary.title = path;
  const shown = element("details", "", summary);
  shown.id = operation.operationId;
  shown.dataset.words = JSON.stringify([method, path, operation]).toLowerCase();
  shown.addEventListener("toggle", () => {
    if (!shown.open || shown.children.length > 1) return;
    const sent = body(operation.requestBody?.content);
    const given = body(Object.entries(operation.responses).find(([status]) => status < 300)?.[1].content);
    const parameters = (operation.parameters ?? []).map((one) => [one.name, words(one.schema ?? {}), one.description ?? "", one.required]);
    const parts = [
      about.includes("\n") ? element("p", "", about) : null, element("p", "path", path), shownCurl(curl(method, path, operation)), table("Parameters", parameters),
      sent ? table("Body", fields(sent)) : null, given ? table("Answer", fields(given).map((row) => row.slice(0, 3))) : null, table("Statuses", answers(operation)),
    ];
    shown.append(element("div", "inside", ...parts.filter(Boolean)));
  });
  return shown;
}

function search() {
  const wanted = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const group of document.querySelectorAll("#routes > section")) {
    let found = 0;
    for (const one of group.querySelectorAll("details")) {
      one.hidden = !wanted.every((word) => one.dataset.words.includes(word));
      found += !one.hidden;
    }
    group.hidden = !found;
    count += found;
  }
  $("count").textContent = count === 1 ? "1 route" : `${count} routes`;
}

async function show() {
  const description = await (await fetch("/api/openapi.json")).json();
  schemas = description.components.schemas;
  $("about").textContent = description.info.description.replaceAll("`", "").replaceAll("\n", " ");
  const groups = new Map();
  for (const [path, operations] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0];
      groups.set(tag, [...(groups.get(tag) ?? []), route(method, path, operation)]);
    }
  }
  for (const [tag, routes] of groups) $("routes").append(element("section", "", element("h2", "", tag), ...routes));
  $("search").addEventListener("input", search);
  document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  search();
  const named = location.hash ? $(location.hash.slice(1)) : null;
  if (named) { named.open = true; named.scrollIntoView(); }
}

show().catch((error) => { $("routes").textContent = `The description of the API cannot be read: ${error}. Reload the page.`; });
