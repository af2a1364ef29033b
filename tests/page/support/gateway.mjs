import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A gateway with a host key of its own, and the tools that every gateway has: age, tar and ssh-keygen. */
export class Gateway {
  constructor(folder, name) {
    this.name = name;
    this.folder = join(folder, name);
    mkdirSync(this.folder, { recursive: true });
    this.key = join(this.folder, 'ssh_host_ed25519_key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `root@${name}`, '-f', this.key]);
  }

  /** The line of its `.pub` file. */
  get line() {
    return readFileSync(`${this.key}.pub`, 'utf8').trim();
  }

  /** A line of its private key that no other key has. */
  get privateKey() {
    return readFileSync(this.key, 'utf8').split('\n')[4];
  }

  /** The line that `ssh-keyscan` prints for it. */
  get scanned() {
    return `${this.name} ${this.line.split(' ').slice(0, 2).join(' ')}`;
  }

  /** As `ssh-keygen -lf` prints it: `SHA256:…`. */
  get fingerprint() {
    return execFileSync('ssh-keygen', ['-lf', `${this.key}.pub`], { encoding: 'utf8' }).split(' ')[1];
  }

  /** Opens a bundle with stock tools and checks its signature: the manifest, and the names of its files. */
  open(bundle, allowedSigners) {
    const tar = join(this.folder, 'bundle.tar');
    execFileSync('age', ['-d', '-i', this.key, '-o', tar, bundle]);
    execFileSync('tar', ['-xf', tar], { cwd: this.folder });
    const manifest = readFileSync(join(this.folder, 'manifest.json'));
    const verify = ['-Y', 'verify', '-f', allowedSigners, '-I', 'gatehouse', '-n', 'gatehouse-bundle'];
    execFileSync('ssh-keygen', [...verify, '-s', 'manifest.json.sig'], { cwd: this.folder, input: manifest });
    execFileSync('sha256sum', ['--strict', '--quiet', '-c', 'SHA256SUMS'], { cwd: this.folder });
    this.manifest = JSON.parse(manifest);
    this.manifestSha256 = createHash('sha256').update(manifest).digest('hex');
    return execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).trim().split('\n');
  }

  /** Its receipt for the bundle that it opened, signed by its own key or by that of `signer`. */
  receipt(signer = this) {
    const { gateway, sequence, credential_id } = this.manifest;
    const receipt = {
      format: 'gatehouse.receipt/1',
      gateway,
      bundle_sequence: sequence,
      manifest_sha256: this.manifestSha256,
      credential_id,
      opened_at: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      self_test: { outcome: 'ok' },
    };
    const line = `${JSON.stringify(receipt)}\n`;
    const file = join(this.folder, 'receipt.json');
    writeFileSync(file, line);
    const sign = ['-q', '-Y', 'sign', '-f', signer.key, '-n', 'gatehouse-receipt'];
    const signature = execFileSync('ssh-keygen', sign, { input: line, encoding: 'utf8' });
    return line + signature;
  }
}
