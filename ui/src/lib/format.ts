const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const numbers = new Intl.NumberFormat('en-US');

/** `12,482`. */
export function number(value: number): string {
  return numbers.format(value);
}

/** `1 user`, `12,482 users`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** `19 May 2027`, from a date (`2027-05-19`) or a time (RFC 3339, told in the time zone of this computer). */
export function date(value: string): string {
  const [year, month, day] = parts(value);
  return `${day} ${MONTHS[month]} ${year}`;
}

/** `19 May`, of a time in the time zone of this computer. */
export function day(value: string): string {
  const [, month, number] = parts(value);
  return `${number} ${MONTHS[month]}`;
}

/** `20 Nov 14:27`, in the time zone of this computer. */
export function dayAndTime(value: string): string {
  return `${day(value)} ${time(value)}`;
}

/** `14:27`, in the time zone of this computer. */
export function time(value: string): string {
  const at = new Date(value);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `14:27:05`, in the time zone of this computer. */
export function timeWithSeconds(value: string): string {
  return `${time(value)}:${two(new Date(value).getSeconds())}`;
}

/** `today 13:58`, `yesterday 17:20`, `18 Nov`, and with its year when that is another one. */
export function moment(value: string, now: Date = new Date()): string {
  const at = new Date(value);
  const midnight = (day: Date) => Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
  const daysAgo = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (daysAgo === 0) return `today ${time(value)}`;
  if (daysAgo === 1) return `yesterday ${time(value)}`;
  return at.getFullYear() === now.getFullYear() ? `${at.getDate()} ${MONTHS[at.getMonth()]}` : date(value);
}

/** `143 days`, `1 day left`, `ends today`, `ended 3 days ago`. */
export function daysLeft(days: number, after: '' | ' left' = ''): string {
  if (days < 0) return `ended ${count(-days, 'day')} ago`;
  return days === 0 ? 'ends today' : `${count(days, 'day')}${after}`;
}

/** `41 ms`, `1.4 s`, `2 min 05 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
}

/** `812 bytes`, `3.4 kB`. */
export function bytes(value: number): string {
  return value < 1000 ? count(value, 'byte') : `${(value / 1000).toFixed(1)} kB`;
}

/** The first and last group of a GUID; every other text as it is. */
export function shortId(value: string): string {
  return GUID.test(value) ? `${value.slice(0, 8)}-…-${value.slice(-12)}` : value;
}

/** A word with a capital first letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function parts(value: string): [number, number, number] {
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (plain) return [Number(plain[1]), Number(plain[2]) - 1, Number(plain[3])];
  const at = new Date(value);
  return [at.getFullYear(), at.getMonth(), at.getDate()];
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
