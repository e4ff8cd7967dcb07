// Plan time: what it is now, in whose zone, and how it is written.
import { get, post } from "./dom.js";
import { me } from "./desk.js";

export const clock = { at: Date.now(), anchor: performance.now(), rate: 1, own: false, due: null };

export const now = () => new Date(clock.at + (performance.now() - clock.anchor) * clock.rate);
export const zone = () => me()?.tz || "UTC";

function take(answer) {
  if (!answer.now) return answer;
  Object.assign(clock, {
    at: Date.parse(answer.now),
    anchor: performance.now(),
    rate: answer.rate,
    own: answer.own,
    due: answer.next_due ? new Date(answer.next_due) : null,
  });
  return answer;
}

export const loadClock = async () => take(await get("/sandbox/clock"));
export const turn = async (body) => take(await post("/sandbox/clock", body));

const formats = new Map();
export function format(date, options) {
  const key = zone() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone(), ...options }));
  return formats.get(key).format(date);
}

export const time = (date) => format(date, { hour: "2-digit", minute: "2-digit" });
export const day = (date) => format(date, { weekday: "long", day: "numeric", month: "long" });
const date = (ts) => new Date(Number(ts) * 1000);
export const tsDate = date;

function pretty(at, otherwise) {
  const days = [-1, 0, 1].find((shift) => day(new Date(now().getTime() + shift * 864e5)) === day(at));
  return days === undefined ? otherwise : { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

export function span(seconds) {
  const size = Math.abs(seconds);
  if (size < 60) return `${Math.round(size)} s`;
  if (size < 5400) return `${Math.round(size / 60)} min`;
  if (size < 129600) return `${Math.round(size / 360) / 10} h`;
  return `${Math.round(size / 86400)} days`;
}

/** A `<!date^seconds^format>` for this reader. */
export function dateToken(seconds, pattern) {
  const at = date(seconds);
  const long = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  const middle = { day: "numeric", month: "long", year: "numeric" };
  const short = { day: "numeric", month: "short", year: "numeric" };
  const written = {
    date_num: () => format(at, { year: "numeric", month: "2-digit", day: "2-digit" }).split("/").reverse().join("-"),
    date: () => format(at, middle),
    date_short: () => format(at, short),
    date_long: () => format(at, long),
    date_pretty: () => pretty(at, format(at, middle)),
    date_short_pretty: () => pretty(at, format(at, short)),
    date_long_pretty: () => pretty(at, format(at, long)),
    time: () => time(at),
    time_secs: () => format(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => {
      const seconds = (now() - at) / 1000;
      return seconds < 0 ? `in ${span(seconds)}` : `${span(seconds)} ago`;
    },
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (written[name] ? written[name]() : whole));
}

/** Unix seconds of a wall time `YYYY-MM-DDTHH:MM` in the reader's zone. */
export function fromWall(text) {
  let guess = Date.parse(`${text}Z`);
  for (let round = 0; round < 2; round++) guess += Date.parse(`${text}Z`) - Date.parse(`${toWall(guess / 1000)}Z`);
  return guess / 1000;
}

export function toWall(seconds) {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const [d, m, y, clockTime] = format(date(seconds), parts).match(/(\d+)\/(\d+)\/(\d+), (.+)/).slice(1);
  return `${y}-${m}-${d}T${clockTime}`;
}
