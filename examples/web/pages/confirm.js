import { answerChallenge, load, post, random, register, save, seconds, sign } from './device.js'
import { supported, use } from './passkey.js'

const result = document.querySelector('#result')
const field = id => document.querySelector(id).value

function show({ status, message, by, action_id }) {
  result.classList.toggle('bad', status !== 200)
  result.textContent = status === 200 ? `Confirmed by ${by}${action_id ? `, action ${action_id}` : ''}` : `${status} ${message}`
}

// The device session and its current token, fetched anew before each action.
async function deviceSession(key) {
  const before = await load('device-session')
  const answer = await answerChallenge(key, 'device-session')
  const now = await post('/device/session', { jwk: JSON.stringify(key.jwk), answer, ...(before && { token: before.token }) })
  if (now.status !== 200) throw new Error(now.message)
  await save('device-session', { id: now.id, token: now.token })
  return now
}

async function byToken(action) {
  const key = await register()
  const session = await deviceSession(key)
  const claims = { sid: session.id, aud: 'shop', action, jti: random(), iat: seconds(), exp: seconds() + 300 }
  const secured = await sign(key, { typ: 'action+jwt', jwk: key.jwk }, claims)
  return post('/confirm/token', { session_token: session.token, secured_session_token: secured, action_type: 'transaction' })
}

const transaction = () => `pay ${field('#amount')} to ${field('#to')}`

async function byChallenge() {
  const key = await register()
  const action = transaction()
  return post('/confirm/challenge', { key_id: key.id, action, answer: await answerChallenge(key, 'confirm', action) })
}

async function byPasskey() {
  const action = transaction()
  const answer = await use('/passkey/confirm/begin', { action })
  return post('/passkey/confirm/finish', { action, answer: JSON.stringify(answer) })
}

const on = (id, work) => document.querySelector(id).addEventListener('click', async () =>
  show(await work().catch(e => ({ status: 'Refused:', message: e.message }))))
on('#by-token', () => byToken('transaction'))
on('#by-challenge', byChallenge)
on('#by-passkey', byPasskey)
document.querySelector('#by-passkey').hidden = !supported
on('#wrong-action', () => byToken('account_details_change'))
