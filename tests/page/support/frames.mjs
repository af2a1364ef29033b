/**
 * Begins to note every frame of the page, with what can be seen in it: `watch` names selectors, each as `{count}` for the
 * number of such elements or as `{text}` for what the first of them says.
 */
export async function traceFrames(page, watch) {
  await page.evaluate((watched) => {
    const seen = Object.fromEntries(Object.keys(watched).map((name) => [name, []]));
    const frames = { gaps: [], tasks: [], seen, on: true };
    new PerformanceObserver((list) => frames.tasks.push(...list.getEntries().map((task) => task.duration))).observe({
      type: 'longtask',
    });
    let before = performance.now();
    const note = () => {
      if (!frames.on) return;
      // The frame's own timestamp may be older than what held it up.
      const now = performance.now();
      frames.gaps.push(now - before);
      before = now;
      for (const [name, selector] of Object.entries(watched)) {
        const value = selector.count
          ? document.querySelectorAll(selector.count).length
          : (document.querySelector(selector.text)?.textContent ?? null);
        if (value !== seen[name].at(-1)) seen[name].push(value);
      }
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    globalThis.tracedFrames = frames;
  }, watch);
}

/** Begins to note what the page's main thread does, by the processor time that it takes. */
export async function traceWork(page) {
  const categories = ['-*', 'disabled-by-default-devtools.timeline', '__metadata'];
  await page.context().browser().startTracing(page, { categories });
}

/**
 * Ends it: `{tasks, longest}`, the milliseconds of processor time that the longest task took. Time in which other
 * programs had the processor is not in it, so a busy machine makes no difference.
 */
export async function endWork(page) {
  const trace = JSON.parse(await page.context().browser().stopTracing());
  const thread = ({ pid, tid }) => `${pid} ${tid}`;
  const named = trace.traceEvents.filter(({ ph, name }) => ph === 'M' && name === 'thread_name');
  const mains = new Set(named.filter(({ args }) => args.name === 'CrRendererMain').map(thread));
  const isTask = (event) => event.ph === 'X' && event.name === 'RunTask' && mains.has(thread(event));
  const times = trace.traceEvents.filter(isTask).map(({ tdur }) => (tdur ?? 0) / 1000);
  return { tasks: times.length, longest: Math.round(times.reduce((most, time) => Math.max(most, time), 0)) };
}

/** Ends it: `{frames, longest, over100, tasks, longestTask, seen}`, in milliseconds. `seen` has what changed, in order. */
export function endTrace(page) {
  return page.evaluate(() => {
    const { gaps, tasks, seen } = globalThis.tracedFrames;
    globalThis.tracedFrames.on = false;
    return {
      frames: gaps.length,
      longest: Math.round(Math.max(...gaps)),
      over100: gaps.filter((gap) => gap > 100).length,
      tasks: tasks.length,
      longestTask: Math.round(Math.max(0, ...tasks)),
      seen,
    };
  });
}
