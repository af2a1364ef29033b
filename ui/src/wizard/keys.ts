import type { StepId } from '../lib/bindings';
import { STEP_ORDER } from './steps';

/** What a key press asks the wizard to do. */
export type KeyAction = { do: 'next' | 'back' | 'panel' | 'escape' } | { do: 'step'; step: StepId };

type Keys = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>;

/** The keys that only the wizard knows; the window's own are in `frame/keys.ts`. `apple` swaps Ctrl for Cmd and Alt+arrows for Cmd+brackets. */
export function keyAction(event: Keys, apple: boolean): KeyAction | null {
  const { key, altKey: alt, shiftKey: shift } = event;
  const command = apple ? event.metaKey : event.ctrlKey;
  if (key === 'Escape') return { do: 'escape' };
  if (apple ? command && key === ']' : alt && !command && key === 'ArrowRight') return { do: 'next' };
  if (apple ? command && key === '[' : alt && !command && key === 'ArrowLeft') return { do: 'back' };
  if (!command || alt || shift) return null;
  if (key.toLowerCase() === 'b') return { do: 'panel' };
  if (/^[0-9]$/.test(key)) {
    const step = STEP_ORDER[key === '0' ? 9 : Number(key) - 1];
    return step ? { do: 'step', step } : null;
  }
  return null;
}
