// Microsoft's own clients against a running practice tenant.
// PRACTICE_JSON holds the line that `gatehouse practice --json` prints; NODE_EXTRA_CA_CERTS names its ca_file.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ClientSecretCredential } from '@azure/identity'
import { ConfidentialClientApplication } from '@azure/msal-node'
import { Client, PageIterator } from '@microsoft/microsoft-graph-client'

const SCOPE = 'https://graph.microsoft.com/.default'
const facts = JSON.parse(process.env.PRACTICE_JSON ?? 'null')
assert.ok(facts, 'PRACTICE_JSON is not set')
assert.equal(process.env.NODE_EXTRA_CA_CERTS, facts.ca_file, 'NODE_EXTRA_CA_CERTS must name the ca_file')

const rolesOf = token => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).roles

const application = secret =>
  new ConfidentialClientApplication({
    auth: {
      clientId: facts.client_id,
      clientSecret: secret,
      authority: `${facts.authority}/${facts.tenant_id}`,
      knownAuthorities: [new URL(facts.authority).host],
    },
  })

const graph = token =>
  Client.init({
    baseUrl: `${facts.graph}/`,
    customHosts: new Set(['localhost']),
    authProvider: done => done(null, token),
  })

async function readAll(client, path) {
  const items = []
  const first = await client.api(path).header('ConsistencyLevel', 'eventual').get()
  const pages = new PageIterator(client, first, item => items.push(item) > 0, {
    headers: { ConsistencyLevel: 'eventual' },
  })
  await pages.iterate()
  assert.ok(pages.isComplete())
  return { items, counted: first['@odata.count'] }
}

test('MSAL gets a token with roles, and the Graph SDK pages through everybody', async () => {
  const { accessToken, expiresOn } = await application(facts.client_secret).acquireTokenByClientCredential({
    scopes: [SCOPE],
  })
  assert.deepEqual(rolesOf(accessToken), ['GroupMember.Read.All', 'User.Read.All'])
  assert.ok(expiresOn instanceof Date)

  const client = graph(accessToken)
  const users = await readAll(client, '/users?$select=id,userPrincipalName&$top=50&$count=true')
  assert.equal(users.items.length, facts.users)
  assert.equal(users.counted, facts.users)
  assert.equal(new Set(users.items.map(user => user.id)).size, facts.users)

  const groups = await readAll(client, '/groups?$select=id&$top=10')
  assert.equal(groups.items.length, facts.groups)
  let memberships = 0
  for (const group of groups.items) {
    const members = await readAll(client, `/groups/${group.id}/members?$select=id&$top=999`)
    memberships += members.items.length
    assert.ok(members.items.every(member => member['@odata.type'].startsWith('#microsoft.graph.')))
  }
  assert.equal(memberships, facts.memberships)
})

test('azure-identity gets a token by its client secret credential', async () => {
  const credential = new ClientSecretCredential(facts.tenant_id, facts.client_id, facts.client_secret, {
    authorityHost: facts.authority,
    disableInstanceDiscovery: true,
  })
  const { token, expiresOnTimestamp } = await credential.getToken(SCOPE)
  assert.deepEqual(rolesOf(token), ['GroupMember.Read.All', 'User.Read.All'])
  assert.ok(expiresOnTimestamp > 0)
})

test('MSAL reads the number of a refusal', async () => {
  await assert.rejects(application('wrong').acquireTokenByClientCredential({ scopes: [SCOPE] }), error => {
    assert.equal(error.errorCode, 'invalid_client')
    assert.match(error.errorMessage, /AADSTS7000215/)
    assert.ok(!JSON.stringify(error).includes(facts.client_secret))
    return true
  })
})

test('the Graph SDK reads the code of a refusal', async () => {
  const { accessToken } = await application(facts.client_secret).acquireTokenByClientCredential({ scopes: [SCOPE] })
  const registration = graph(accessToken).api(`/applications(appId='${facts.client_id}')`).get()
  await assert.rejects(registration, error => {
    assert.equal(error.statusCode, 403)
    assert.equal(error.code, 'Authorization_RequestDenied')
    assert.ok(error.requestId)
    return true
  })
})
