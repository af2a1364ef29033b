import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_MS = 30_000;

/**
 * Starts the window's commands without a window: `{url, home, folder, said, stop}`. `said()` is what it has logged. `GATEHOUSE_BRIDGE` names another
 * program than the one that cargo built, `GATEHOUSE_PAGE` another folder than `ui/dist`.
 */
export async function startBridge({ environment = {}, flags = [] } = {}) {
  const built = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'bridge');
  const program = process.env.GATEHOUSE_BRIDGE ?? built;
  const page = process.env.GATEHOUSE_PAGE;
  const bridge = spawn(program, page ? [...flags, page] : flags, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  const log = [];
  bridge.stderr.on('data', (bytes) => {
    log.push(bytes);
    process.stderr.write(bytes);
  });
  const ended = once(bridge, 'exit').catch((error) => [error.message]);
  const lines = createInterface({ input: bridge.stdout });
  const signal = AbortSignal.timeout(START_MS);
  const line = await Promise.race([once(lines, 'line', { signal }), ended.then((how) => Promise.reject(how))]).catch((why) => {
    bridge.kill();
    throw new Error(`The bridge ${program} did not start: ${why}. Build it: cargo build --package proving-ground.`);
  });

  async function stop() {
    bridge.stdin.end();
    const [code] = await ended;
    if (code !== 0) throw new Error(`The bridge ended with ${code}.`);
  }
  return { ...JSON.parse(line[0]), said: () => Buffer.concat(log).toString(), stop };
}

/** The paths of all files below a folder that hold a text, in UTF-8 or UTF-16. */
export async function filesHolding(folder, text) {
  const encodings = [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const holding = await Promise.all(
    paths.map(async (path) => {
      const content = await readFile(path);
      return encodings.some((bytes) => content.includes(bytes)) ? [path] : [];
    }),
  );
  return { searched: paths.length, holding: holding.flat() };
}
