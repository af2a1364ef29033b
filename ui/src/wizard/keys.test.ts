import { describe, expect, it } from 'vitest';
import { keyAction } from './keys';

const press = (key: string, held: Partial<Record<'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey', boolean>> = {}) => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});

describe('keyAction', () => {
  it('goes on and back with Alt and the arrows', () => {
    expect(keyAction(press('ArrowRight', { altKey: true }), false)).toEqual({ do: 'next' });
    expect(keyAction(press('ArrowLeft', { altKey: true }), false)).toEqual({ do: 'back' });
    expect(keyAction(press('ArrowRight'), false)).toBeNull();
  });

  it('goes to a step with Ctrl and its digit, ten being 0', () => {
    expect(keyAction(press('1', { ctrlKey: true }), false)).toEqual({ do: 'step', step: 'prepare' });
    expect(keyAction(press('7', { ctrlKey: true }), false)).toEqual({ do: 'step', step: 'token' });
    expect(keyAction(press('0', { ctrlKey: true }), false)).toEqual({ do: 'step', step: 'write' });
    expect(keyAction(press('7'), false)).toBeNull();
    expect(keyAction(press('7', { ctrlKey: true, altKey: true }), false)).toBeNull();
  });

  it('uses Cmd and brackets on macOS', () => {
    expect(keyAction(press(']', { metaKey: true }), true)).toEqual({ do: 'next' });
    expect(keyAction(press('[', { metaKey: true }), true)).toEqual({ do: 'back' });
    expect(keyAction(press('ArrowRight', { altKey: true }), true)).toBeNull();
    expect(keyAction(press('3', { ctrlKey: true }), true)).toBeNull();
  });

  it('knows the panel and Escape, and leaves the keys of every screen alone', () => {
    expect(keyAction(press('b', { ctrlKey: true }), false)).toEqual({ do: 'panel' });
    expect(keyAction(press('Escape'), false)).toEqual({ do: 'escape' });
    for (const key of ['F5', 'F6', 'Tab']) expect(keyAction(press(key), false)).toBeNull();
    for (const key of ['.', 'r']) expect(keyAction(press(key, { ctrlKey: true }), false)).toBeNull();
  });
});
