import { day, moment, time } from '../lib/format';
import type { RunView } from '../lib/wire';

/** Runs in a row that came to the same. */
export interface RunGroup {
  /** Id of its newest run. */
  id: string;
  when: string;
  says: string;
  verdict: RunView['verdict'];
  count: number;
}

/** Runs, the newest first, with those in a row that came to the same put together. */
export function grouped(runs: readonly RunView[], now: Date = new Date()): RunGroup[] {
  const rows: RunView[][] = [];
  for (const run of runs) {
    const last = rows.at(-1);
    if (last?.[0]?.verdict === run.verdict && last[0].says === run.says) last.push(run);
    else rows.push([run]);
  }
  return rows.flatMap((row) => {
    const [newest, oldest] = [row[0], row.at(-1)];
    if (!newest || !oldest) return [];
    const { id, says, verdict } = newest;
    return [{ id, says, verdict, count: row.length, when: between(oldest.at, newest.at, now) }];
  });
}

/** `today 13:58`, `08:00–13:58`, `10–17 Nov`, `28 Oct–3 Nov`. */
export function between(from: string, to: string, now: Date = new Date()): string {
  if (day(from) === day(to)) {
    const today = day(to) === day(now.toISOString());
    return today && time(from) !== time(to) ? `${time(from)}–${time(to)}` : moment(to, now);
  }
  const [start, end] = [day(from), day(to)];
  const [number, month] = start.split(' ');
  return month === end.split(' ')[1] ? `${number}–${end}` : `${start}–${end}`;
}
