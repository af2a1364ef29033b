import { focusRegion } from '../lib/focus';

/**
 * The keys that work on every screen (the wizard adds its own). They press what is on screen: the first
 * `data-check-again` is what F5 means here, `data-finding-toggle` and `data-copy-details` belong to findings.
 */
export function press(event: KeyboardEvent): void {
  const act = action(event);
  if (!act) return;
  event.preventDefault();
  act();
}

function action(event: KeyboardEvent): (() => void) | null {
  const control = (event.ctrlKey || event.metaKey) && !event.altKey;
  const key = event.key.toLowerCase();
  if (key === 'f6') return () => focusRegion(event.shiftKey ? -1 : 1);
  // Always taken: otherwise the web view would load the page anew.
  if (key === 'f5' || (control && key === 'r')) return () => click('[data-check-again]');
  if (control && event.key === '.') return nextFinding;
  if (control && event.shiftKey && key === 'c') return () => click('[data-copy-details]');
  return null;
}

function nextFinding(): void {
  const toggles = [...document.querySelectorAll<HTMLElement>('[data-finding-toggle]')];
  const here = toggles.findIndex((toggle) => toggle.closest('[data-finding]')?.contains(document.activeElement));
  const next = toggles[(here + 1) % toggles.length];
  if (next?.getAttribute('aria-expanded') === 'false') next.click();
  next?.focus();
}

function click(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.click();
}
