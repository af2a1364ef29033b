import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

let bridge;
let window;

before(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
  await journey.arrive(window.page, 'Prove it before you hand it over');
});

after(async () => {
  await window?.close();
  await bridge?.stop();
});

test('the audit finds what it looks for', async () => {
  const { page } = window;
  await page.evaluate(() => {
    const bad = document.createElement('div');
    bad.id = 'bad';
    const nameless = document.createElement('button');
    const wide = document.createElement('button');
    wide.textContent = 'Wide';
    Object.assign(wide.style, { position: 'absolute', left: '0', width: '3000px' });
    const pale = document.createElement('p');
    pale.textContent = 'Pale';
    Object.assign(pale.style, { color: 'rgb(200 200 200)', background: 'white' });
    bad.append(pale, nameless, document.createElement('h1'), wide);
    document.querySelector('.welcome').append(bad);
    document.querySelectorAll('.link-word')[1].style.color = 'rgb(117 117 117)';
  });
  const error = await audit(page, 'tools').then(
    () => assert.fail('the audit found nothing'),
    (found) => found,
  );
  const complaints = error.actual.join('\n');
  for (const look of ['light', 'dark', 'smallest']) {
    assert.match(complaints, new RegExp(`tools, ${look}: button-name`));
    assert.match(complaints, new RegExp(`tools, ${look}: color-contrast`));
    assert.match(complaints, new RegExp(`tools, ${look}: faint text.*link-word`));
    assert.match(complaints, new RegExp(`tools, ${look}: button.* is cut off`));
    assert.match(complaints, new RegExp(`tools, ${look}: 2 h1`));
  }
  assert.match(complaints, /scrolls sideways/);
  await page.evaluate(() => {
    document.getElementById('bad').remove();
    document.querySelectorAll('.link-word')[1].style.color = '';
  });
  await audit(page, 'tools');
});

test('the window’s content security policy is in force, and a breach is seen', async () => {
  const { page, complaints } = window;
  assert.deepEqual(complaints, []);
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.ranInline = true';
    document.head.append(script);
    const reached = await fetch('http://localhost:9/').then(
      () => true,
      () => false,
    );
    return { inline: window.ranInline === true, reached, frozen: Object.isFrozen(Object.prototype) };
  });
  assert.deepEqual(ran, { inline: false, reached: false, frozen: true });
  await page.evaluate(() => console.warn('a warning'));
  await page.evaluate(() => void Promise.reject(new Error('an error')));
  await page.waitForFunction(() => document.querySelector('[role=alert]'));
  const all = complaints.join('\n');
  for (const expected of [/inline script/, /connect-src/, /console warning: a warning/, /uncaught: an error/]) {
    assert.match(all, expected);
  }
});
