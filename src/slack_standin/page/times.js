// A time as somebody types it into the jump list: 17:00, +2h, tomorrow 09:00, friday 9:00, 2025-11-15 14:00.
import { day, fromWall, now, time, toWall } from "./clock.js";

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const UNITS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
const SPAN = /^(?:(\d+(?:\.\d+)?)\s*(w|d|h|m|s)[a-z]*\s*)+$/;
const CLOCK = /^(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?$/;
const FARTHEST = 366 * 86400;
const MORNING = "09:00";
export const EXAMPLES = "17:00, +2h, tomorrow 09:00";

const wrong = (error) => ({ error });

function span(text) {
  if (!SPAN.test(text)) return null;
  return [...text.matchAll(/(\d+(?:\.\d+)?)\s*(w|d|h|m|s)/g)].reduce((sum, [, count, unit]) => sum + count * UNITS[unit], 0);
}

/** The date at the beginning, `YYYY-MM-DD`, and what follows it; no date is today. */
function dated(text, today) {
  const [word, ...rest] = text.split(/\s+/);
  const at = rest.join(" ").replace(/^at /, "");
  const after = (days) => new Date(Date.parse(`${today}T00:00Z`) + days * 864e5).toISOString().slice(0, 10);
  if (word === "today") return { date: today, at };
  if (word === "tomorrow") return { date: after(1), at };
  const weekday = word.length > 2 ? DAYS.findIndex((one) => one.startsWith(word)) : -1;
  if (weekday >= 0) return { date: after((weekday - new Date(`${today}T00:00Z`).getUTCDay() + 7) % 7 || 7), at };
  if (/^\d{4}-\d{2}-\d{2}$/.test(word)) return { date: word, at };
  return { date: null, at: text.replace(/^at /, "") };
}

function clockTime(text) {
  const found = CLOCK.exec(text || MORNING);
  if (!found) return null;
  const [, hours, minutes = "00", half] = found;
  const hour = half ? (Number(hours) % 12) + (half === "pm" ? 12 : 0) : Number(hours);
  if (hour > 23 || minutes > 59 || (half && hours > 12)) return null;
  return `${String(hour).padStart(2, "0")}:${minutes}`;
}

function instant(date, at) {
  const seconds = fromWall(`${date}T${at}`);
  return Number.isNaN(seconds) || !toWall(seconds).startsWith(date) ? null : new Date(seconds * 1000);
}

/** `{at}`, `{error}` with a sentence for what looks like a time and is none, or null for anything else. */
export function readTime(typed) {
  const text = typed.trim().toLowerCase().replace(/^(to|go to|until|in)\s+/, "");
  const looks = /^[+-]|\d[:.]\d|^\d+\s*([smhdw]\b|[ap]m|min)|^(today|tomorrow|yesterday)\b|^\d{4}-/.test(text) || (/\d/.test(text) && dated(text, "2025-01-01").date);
  if (!looks) return null;
  if (/^(-|yesterday)/.test(text)) return wrong("Time only goes forward here.");
  const seconds = span(text.replace(/^\+\s*/, ""));
  if (seconds !== null) return ahead(new Date(now().getTime() + seconds * 1000), typed);
  if (text.startsWith("+")) return wrong(`'${typed.trim()}' is no span. Try +30m, +2h or +1d.`);
  const today = toWall(now().getTime() / 1000).slice(0, 10);
  const { date, at } = dated(text, today);
  const clock = clockTime(at);
  if (clock === null) return wrong(`'${at}' is no time of day. Try ${EXAMPLES}.`);
  const found = instant(date || today, clock);
  if (!found) return wrong(`There is no ${date || today} ${clock}.`);
  return ahead(found, clock);
}

function ahead(at, said) {
  const seconds = (at - now()) / 1000;
  if (seconds <= 0) return wrong(`${said.trim()} has passed: it is ${time(now())}, ${day(now())}. Try tomorrow ${time(at)}.`);
  if (seconds > FARTHEST) return wrong("That is more than a year ahead. Go there in smaller steps.");
  return { at };
}
