import assert from 'node:assert/strict';

/** The practice portal of a connection, used as a browser uses it. */
export class Portal {
  #origin;

  constructor(origin) {
    this.#origin = origin;
  }

  /** Sends a form; answers the page. `form` is an object of fields, or a `FormData` with a file. */
  async send(path, form) {
    const body = form instanceof FormData ? form : new URLSearchParams(form);
    const answer = await fetch(new URL(path, this.#origin), { method: 'POST', body });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return text;
  }

  /** **New client secret**: its value. */
  async newSecret(description) {
    const shown = await this.send('/practice/new-secret', { description });
    const value = /id="value">([^<]+)</.exec(shown)[1];
    return value.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  }

  /** **Upload certificate**, with the public part. */
  async upload(bytes) {
    const form = new FormData();
    form.append('certificate', new Blob([bytes]), 'gateway.cer');
    return this.send('/practice/upload', form);
  }

  deleteSecret(secretId) {
    return this.send('/practice/delete-secret', { secret_id: secretId });
  }

  deleteCertificate(thumbprint) {
    return this.send('/practice/delete-certificate', { thumbprint });
  }
}
