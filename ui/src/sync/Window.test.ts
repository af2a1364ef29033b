import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { expect, it, vi } from 'vitest';
import Window from './Window.svelte';

const line = createRawSnippet((place: () => number) => ({ render: () => `<p>${place()}</p>` }));
const HEIGHT = 34;

function show(total: number) {
  const onrange = vi.fn();
  render(Window, { total, lineHeight: HEIGHT, label: 'Users', onrange, line });
  const box = screen.getByRole('rowgroup', { name: 'Users' });
  const scroll = async (to: number) => {
    box.scrollTop = to;
    await fireEvent.scroll(box);
  };
  const places = () => screen.getAllByText(/^\d+$/).map((each) => Number(each.textContent));
  return { box, onrange, scroll, places };
}

it('shows of many lines only those in view', async () => {
  const { scroll, places, onrange } = show(100_000);
  expect(places()[0]).toBe(0);
  expect(places().length).toBeLessThan(30);
  await scroll(50_000 * HEIGHT);
  expect(places()).toContain(50_000);
  expect(places()).toContain(50_010);
  expect(places().length).toBeLessThan(30);
  const [first, after] = onrange.mock.lastCall ?? [];
  expect(first).toBeLessThanOrEqual(50_000);
  expect(after).toBeGreaterThan(50_010);
  await scroll(100_000 * HEIGHT);
  expect(places().at(-1)).toBe(99_999);
});

it('reaches the last of more lines than a box can be high', async () => {
  const { box, scroll, places } = show(3_000_000);
  const height = Number.parseFloat((box.firstElementChild as HTMLElement).style.height);
  expect(height).toBeLessThan(16_000_000);
  await scroll(height - 10 * HEIGHT);
  expect(places().at(-1)).toBe(2_999_999);
  await scroll(0);
  expect(places()[0]).toBe(0);
});

it('is as high as a short list, and shows nothing of an empty one', () => {
  const { box } = show(3);
  expect(box.style.height).toBe(`${3 * HEIGHT}px`);
  expect(screen.getAllByText(/^\d+$/)).toHaveLength(3);
});
