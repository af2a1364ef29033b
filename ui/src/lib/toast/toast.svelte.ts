/** A short confirmation of a copy or a save; never an error. */
export interface Toast {
  id: number;
  text: string;
}

/** The toasts on screen, oldest first; `Toasts.svelte` renders them and takes each away after five seconds. */
export const toasts: { list: Toast[] } = $state({ list: [] });

let last = 0;

/** Shows a toast. */
export function toast(text: string): void {
  toasts.list.push({ id: ++last, text });
}

/** Takes a toast away. */
export function dismiss(id: number): void {
  toasts.list = toasts.list.filter((each) => each.id !== id);
}
