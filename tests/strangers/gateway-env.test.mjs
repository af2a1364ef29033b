// A stock Azure client that starts from nothing but the variables of a written gateway.env.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { EnvironmentCredential } from '@azure/identity'

test('the variables of gateway.env are all that an Azure client needs', async () => {
  assert.ok(process.env.AZURE_CLIENT_SECRET, 'gateway.env was written with the secret')
  const credential = new EnvironmentCredential({ disableInstanceDiscovery: true })
  const { token } = await credential.getToken('https://graph.microsoft.com/.default')
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  assert.deepEqual(claims.roles, ['GroupMember.Read.All', 'User.Read.All'])
  assert.equal(claims.appid, process.env.AZURE_CLIENT_ID)
})
