// What the page knows: who is looking, at what, and what the server last said.
import { get } from "./dom.js";

export const desk = {
  me: null, // user id
  place: null, // conversation id, or "home"
  thread: null, // ts of the open thread's first message
  team: "",
  bot: "",
  users: [],
  conversations: [],
  commands: [],
  shortcuts: [],
  modals: [],
  home: null,
  messages: [],
  drafts: {}, // view id -> "block_id action_id" -> value
};

export const user = (id) => desk.users.find((one) => one.id === id);
export const me = () => user(desk.me);
export const conversation = (id = desk.place) => desk.conversations.find((one) => one.id === id);
export const people = () => desk.users.filter((one) => !one.is_bot && !one.deleted);
export const nameOf = (id) => user(id)?.real_name || (id === "USLACKBOT" ? "Slackbot" : id);

export async function loadDesk() {
  Object.assign(desk, await get(`/sandbox/page/desk?user=${desk.me || ""}`));
}

export async function loadMessages() {
  const channel = desk.place === "home" ? null : desk.place;
  const messages = channel ? await get(`/sandbox/page/conversation/${channel}?user=${desk.me}`) : [];
  if (channel === desk.place || !channel) desk.messages = messages;
}
