import { tick } from 'svelte';

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), select, textarea, summary, [tabindex]';

/** Moves focus to the screen's h1 once it is rendered. */
export async function focusHeading(): Promise<void> {
  await tick();
  const heading = document.querySelector('h1');
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

/** Moves focus to what is missing: the first element marked `data-missing`, or what can be focused inside it. */
export function focusMissing(): boolean {
  const missing = document.querySelector<HTMLElement>('[data-missing]');
  const target = missing?.matches(FOCUSABLE) ? missing : missing?.querySelector<HTMLElement>(FOCUSABLE);
  target?.focus();
  return target !== undefined && target !== null;
}

/** F6 and Shift+F6: moves focus to the next or previous element marked `data-region`. */
export function focusRegion(direction: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(isShown);
  if (regions.length === 0) return;
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const next = here < 0 ? (direction === 1 ? 0 : -1) : here + direction;
  const region = regions.at(next % regions.length);
  const target = [...(region?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].find(
    (element) => element.tabIndex >= 0 && isShown(element),
  );
  if (target) return target.focus();
  if (!region) return;
  region.tabIndex = -1;
  region.focus();
}

function isShown(element: HTMLElement): boolean {
  return typeof element.checkVisibility === 'function' ? element.checkVisibility() : !element.hidden;
}
