import type { GatewayRow, GatewaysView } from '../lib/wire';

export const FINGERPRINT = 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGLbqSg8kU4XmrKQvWo';

/** A gateway as the engine answers it, for unit tests. */
export function rowOf(name: string, changes: Partial<GatewayRow> = {}): GatewayRow {
  return {
    name,
    address: `${name}.contoso.com`,
    key: { kind: 'ED25519', fingerprint: FINGERPRINT },
    outputs: [],
    standing: 'not-sealed',
    code: null,
    newest: null,
    receipt: null,
    ...changes,
  };
}

/** A list of gateways as the engine answers it, for unit tests. */
export function viewOf(rows: GatewayRow[], changes: Partial<GatewaysView> = {}): GatewaysView {
  const confirmed = rows.filter((row) => row.standing === 'confirmed').length;
  return {
    connection: 'c1',
    rows,
    counts: {
      total: rows.length,
      confirmed,
      waiting: rows.filter((row) => row.standing === 'unconfirmed').length,
      withKey: rows.filter((row) => row.key).length,
      unconfirmed: rows.length - confirmed,
    },
    profileOutputs: ['systemd'],
    outputs: [
      { id: 'systemd', title: 'systemd', says: 'credential files and a drop-in for the unit' },
      { id: 'kubernetes', title: 'Kubernetes', says: 'a Secret to apply' },
    ],
    suggestedFolder: '/home/priya/gatehouse/c1',
    notices: [],
    ...changes,
  };
}
