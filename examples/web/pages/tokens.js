import { keyFor, random, seconds, sha256, sign } from './device.js'

const result = document.querySelector('#result')
let nonce, token, refreshToken, lastProof

async function proof(method, path) {
  const key = await keyFor('dpop')
  const ath = token && path.startsWith('/api') ? { ath: await sha256(token) } : {}
  const target = { htm: method, htu: location.origin + path }
  return sign(key, { typ: 'dpop+jwt', jwk: key.jwk }, { jti: random(), ...target, iat: seconds(), ...(nonce && { nonce }), ...ath })
}

// A request with a proof; again with the server's nonce where it asks for one.
async function ask(method, path, headers = {}, body = undefined) {
  for (let tries = 0; ; tries++) {
    lastProof = await proof(method, path)
    const answer = await fetch(path, { method, headers: { Accept: 'application/json', DPoP: lastProof, ...headers }, body })
    const again = nonce !== answer.headers.get('DPoP-Nonce') && (answer.status === 400 || answer.status === 401)
    nonce = answer.headers.get('DPoP-Nonce') ?? nonce
    if (!again || tries === 1) return answer
  }
}

const show = async answer =>
  result.textContent = `${answer.status} ${answer.headers.get('WWW-Authenticate') ?? ''}\n${JSON.stringify(await answer.json(), null, 2)}`
const on = (id, work) => document.querySelector(id).addEventListener('click', () => work().catch(e => result.textContent = e.message))

function keep(answer) {
  token = answer.access_token
  refreshToken = answer.refresh_token
}

on('#get', async () => {
  const given = await ask('POST', '/oauth/token', { 'Content-Type': 'application/json' })
  if (!given.ok) return show(given)
  keep(await given.json())
  await show(await ask('GET', '/api/orders', { Authorization: `DPoP ${token}` }))
  for (const id of ['#again', '#bearer', '#refresh']) document.querySelector(id).disabled = false
})
on('#again', async () => show(await fetch('/api/orders', { headers: { Authorization: `DPoP ${token}`, DPoP: lastProof } })))
on('#bearer', async () => show(await fetch('/api/orders', { headers: { Authorization: `Bearer ${token}` } })))
on('#refresh', async () => {
  const given = await ask('POST', '/oauth/refresh', { 'Content-Type': 'application/json' }, JSON.stringify({ refresh_token: refreshToken }))
  if (!given.ok) return show(given)
  keep(await given.json())
  result.textContent = '200\nA new access token, and the next refresh token.'
})
