import { render } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { stretches } from './rich';
import Rich from './Rich.svelte';

it('splits bold and code, and leaves what is not closed', () => {
  expect(stretches('Open **API permissions**, see `roles`.')).toEqual([
    { kind: 'plain', text: 'Open ' },
    { kind: 'bold', text: 'API permissions' },
    { kind: 'plain', text: ', see ' },
    { kind: 'code', text: 'roles' },
    { kind: 'plain', text: '.' },
  ]);
  expect(stretches('2 ** 3 and `half')).toEqual([{ kind: 'plain', text: '2 ** 3 and `half' }]);
  expect(stretches('`a ** b ** c`')).toEqual([{ kind: 'code', text: 'a ** b ** c' }]);
  expect(stretches('')).toEqual([]);
});

it('shows markup as text', () => {
  const { container } = render(Rich, { text: 'From the service: <img src=x onerror=alert(1)> **<b>x</b>**' });
  expect(container.querySelector('img')).toBeNull();
  expect(container).toHaveTextContent('From the service: <img src=x onerror=alert(1)> <b>x</b>');
});
