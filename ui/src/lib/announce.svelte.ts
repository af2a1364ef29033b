/** What a screen reader says next; `Announcer.svelte` renders it. */
export const spoken = $state({ polite: '', assertive: '' });

/** Says something once: politely, or at once when it must not wait. */
export function announce(text: string, manner: 'polite' | 'assertive' = 'polite'): void {
  // A live region stays silent when its text does not change; a trailing space makes it change.
  spoken[manner] = spoken[manner] === text ? `${text}\u00a0` : text;
}
