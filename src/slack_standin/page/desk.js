// What the page knows: who is looking, at what, and what the server last said.
import { get } from "./dom.js";

export const desk = {
  me: null, // user id
  place: null, // conversation id, or "home"
  thread: null, // ts of the open thread's first message
  team: "",
  bot: "",
  users: [],
  unread: {}, // user id -> messages from the app that they have not read
  conversations: [],
  commands: [],
  hints: {}, // command -> what one may type after it in this plan
  tries: [], // what a newcomer may click: {label, note, user, channel, text, href}
  shortcuts: [],
  methods: [],
  modals: [],
  home: null,
  messages: [],
  drafts: {}, // view id -> "block_id action_id" -> value
};

let byId = new Map();
let persons = [];
let places = new Map();
export const user = (id) => byId.get(id);
export const me = () => user(desk.me);
export const conversation = (id = desk.place) => places.get(id);
export const people = () => persons;
export const nameOf = (id) => user(id)?.real_name || (id === "USLACKBOT" ? "Slackbot" : id);

/** Who there is, and what the app can do: asked for at the start, and when the connection was lost. */
export async function loadPeople() {
  Object.assign(desk, await get("/sandbox/page/people"));
  byId = new Map(desk.users.map((one) => [one.id, one]));
  persons = desk.users.filter((one) => !one.is_bot && !one.deleted);
}

/** What may be typed after each command, for whoever is looking. */
export async function loadHints() {
  desk.hints = await get(`/sandbox/page/hints?user=${desk.me || ""}`);
}

/** How often each was asked for: an answer that a later question overtook is old. */
const asked = { desk: 0, messages: 0 };

/** Whether the answer was the newest, and is now what the page knows. */
export async function loadDesk() {
  const turn = ++asked.desk;
  const answer = await get(`/sandbox/page/desk?user=${desk.me || ""}`);
  if (turn !== asked.desk) return false;
  Object.assign(desk, answer);
  places = new Map(desk.conversations.map((one) => [one.id, one]));
  return true;
}

export async function loadMessages() {
  const [place, who, turn] = [desk.place, desk.me, ++asked.messages];
  const messages = place === "home" ? [] : await get(`/sandbox/page/conversation/${place}?user=${who}`);
  if (turn === asked.messages && place === desk.place && who === desk.me) desk.messages = messages;
}
