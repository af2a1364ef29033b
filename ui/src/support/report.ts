import { app } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import { toast } from '../lib/toast/toast.svelte';
import type { ReportForm } from '../lib/wire';

/** Lets the admin say where the report goes, and says that it is there. */
export async function saveReport(connection: string, form: ReportForm): Promise<void> {
  const file = await app.run('save_report', () => commands.saveReport(connection, form));
  if (file !== null) toast(`Saved as ${file}.`);
}
