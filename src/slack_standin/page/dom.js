// Builds elements, and asks the server.

/** `h("button.primary", {onclick}, "Send")`: an element with classes, properties and children; null children are left out. */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "dataset") Object.assign(element.dataset, value);
    else if (key in element && key !== "list" && key !== "form") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

export async function get(path) {
  const response = await fetch(path);
  return response.json();
}

/** POST JSON; what a person could not do comes back as `{ok: false, error}`. */
export async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    return response.ok ? answer : { ok: false, error: answer.error || JSON.stringify(answer.detail) };
  } catch {
    return { ok: false, error: "The sandbox does not answer." };
  }
}

export function toast(text, kind = "") {
  const note = h(`div.toast${kind ? "." + kind : ""}`, {}, text);
  $("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

/** Replaces what is shown in `parent` by `items`, keeping the elements whose signature did not change. */
export function reconcile(parent, items) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstChild;
  for (const { key, signature, make } of items) {
    let element = before.get(key);
    if (!element || element.dataset.signature !== signature) {
      const fresh = make();
      fresh.dataset.key = key;
      fresh.dataset.signature = signature;
      if (element) {
        if (place === element) place = element.nextSibling;
        element.remove();
      }
      element = fresh;
    }
    before.delete(key);
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  }
  for (const gone of before.values()) gone.remove();
}
