import type { LifelineView } from '../lib/wire';

const DAY = 86_400_000;
/** Shares of the axis that keep two labels apart. */
const APART = 9;

/** A bar on the axis, in hundredths of its width; `open` when nobody knows where it ends. */
export interface Bar {
  from: number;
  width: number;
  open: boolean;
}

/** Both lives on one axis, in hundredths of its width. */
export interface Axis {
  start: string;
  end: string;
  today: number;
  /** Where the old one ends, when that does not stand in the way of another label. */
  oldEnd: number | null;
  old: Bar;
  fresh: Bar | null;
  /** Days on which both are good; null when that cannot be told. */
  overlap: number | null;
}

/** Lays the lives of the old and the new credential on one time axis. `now` is a time, the rest are days. */
export function axis(old: LifelineView, fresh: LifelineView | null, now: string): Axis {
  const today = at(now.slice(0, 10));
  const lives = fresh ? [old, fresh] : [old];
  const first = Math.min(today, ...lives.map((life) => at(life.startsOn)));
  const ends = lives.flatMap((life) => (life.endsOn ? [at(life.endsOn)] : []));
  const last = Math.max(today + 30 * DAY, ...ends);
  const place = (time: number) => (100 * (time - first)) / (last - first);
  const bar = (life: LifelineView): Bar => {
    const from = place(at(life.startsOn));
    const to = life.endsOn ? place(at(life.endsOn)) : 100;
    return { from, width: Math.max(to - from, 0.6), open: life.endsOn === null };
  };
  const oldEnd = old.endsOn ? place(at(old.endsOn)) : null;
  const here = place(today);
  const free = oldEnd !== null && oldEnd - here > APART && 100 - oldEnd > APART;
  const until = Math.min(...lives.map((life) => (life.endsOn ? at(life.endsOn) : Infinity)));
  const known = fresh !== null && old.endsOn !== null;
  return {
    start: day(first),
    end: day(last),
    today: here,
    oldEnd: free ? oldEnd : null,
    old: bar(old),
    fresh: fresh && bar(fresh),
    overlap: known ? Math.max(0, Math.round((until - Math.max(today, at(fresh.startsOn))) / DAY)) : null,
  };
}

function at(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
