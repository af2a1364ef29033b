import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { NORMAL, SMALLEST } from './window.mjs';

export const ARTIFACTS = fileURLToPath(new URL('../../artifacts/page/', import.meta.url));
/** Looks that every screen must hold in. */
const LOOKS = [
  { name: 'light', colorScheme: 'light', size: NORMAL },
  { name: 'dark', colorScheme: 'dark', size: NORMAL },
  { name: 'smallest', colorScheme: 'light', size: SMALLEST },
];

/** Audits the screen as it is now in every look, keeps a picture of each, and returns to the first. */
export async function audit(page, name) {
  await mkdir(ARTIFACTS, { recursive: true });
  const complaints = [];
  for (const look of LOOKS) {
    await show(page, look);
    await page.screenshot({ path: `${ARTIFACTS}${name}-${look.name}.png` });
    for (const complaint of [...(await axeComplaints(page)), ...(await layoutComplaints(page))]) {
      complaints.push(`${name}, ${look.name}: ${complaint}`);
    }
  }
  await show(page, LOOKS[0]);
  assert.deepEqual(complaints, []);
}

async function show(page, { colorScheme, size }) {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
  });
}

async function axeComplaints(page) {
  await page.evaluate(`window.axe ?? (() => { ${axe.source} })()`);
  const { violations, incomplete } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations', 'incomplete'] }),
  );
  const complaints = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n    ${node.html}\n    ${node.any.map((one) => one.message).join(' ')}`),
  );
  const untold = incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes);
  const targets = untold.map((node) => node.target).filter((target) => target.length === 1);
  return [...complaints, ...(await faintTexts(page, targets.flat()))];
}

/**
 * Where axe cannot tell what is behind a text, such as on the chain with its drawn bars: the text against the nearest
 * ancestor with a background of its own. The portal's drawings are pictures and are left out.
 */
function faintTexts(page, selectors) {
  return page.evaluate((all) => {
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour) => {
      const [red, green, blue] = rgba(colour).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element) => {
      const colour = getComputedStyle(element).backgroundColor;
      return rgba(colour)[3] === 255 || !element.parentElement ? colour : behind(element.parentElement);
    };
    return all.flatMap((selector) => {
      const element = document.querySelector(selector);
      if (!(element instanceof HTMLElement)) return [];
      const both = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
      return ratio < 4.5 ? [`faint text, ${ratio.toFixed(2)} to 1: ${element.outerHTML}`] : [];
    });
  }, selectors);
}

/** What is cut off at the side, scrolls sideways, or is out of reach. */
function layoutComplaints(page) {
  return page.evaluate(() => {
    const found = [];
    const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')}`;
    const wide = document.documentElement;
    if (wide.scrollWidth > wide.clientWidth) found.push(`the window scrolls sideways, ${wide.scrollWidth} wide`);
    for (const element of document.body.querySelectorAll('*')) {
      const style = getComputedStyle(element);
      const scrolls = ['auto', 'scroll'].includes(style.overflowX);
      const code = element.matches('pre, .code');
      if (scrolls && !code && element.scrollWidth > element.clientWidth + 1) {
        found.push(`${name(element)} scrolls sideways, ${element.scrollWidth} in ${element.clientWidth}`);
      }
    }
    for (const element of document.querySelectorAll('button, input, select, textarea, a[href], h1')) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.sr')) continue;
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 1 && (left < -1 || right > innerWidth + 1)) {
        found.push(`${name(element)} "${element.textContent.trim()}" is cut off, ${left} to ${right} of ${innerWidth}`);
      }
    }
    for (const element of document.querySelectorAll('.wiz-foot button')) {
      const { top, bottom } = element.getBoundingClientRect();
      if (top < 0 || bottom > innerHeight) found.push(`${element.textContent.trim()} is out of reach`);
    }
    const headings = document.querySelectorAll('h1').length;
    if (headings !== 1) found.push(`${headings} h1`);
    return found;
  });
}
