import { answerChallenge, deviceSession, post, random, register, seconds, sign } from './device.js'
import { supported, use } from './passkey.js'

const result = document.querySelector('#result')
const field = id => document.querySelector(id).value

function show({ status, message, by, action_id }) {
  result.classList.toggle('bad', status !== 200)
  result.textContent = status === 200 ? `Confirmed by ${by}${action_id ? `, action ${action_id}` : ''}` : `${status} ${message}`
}

async function byToken(action) {
  await register()
  const { key, ...session } = await deviceSession()
  const claims = { sid: session.id, aud: 'shop', action, jti: random(), iat: seconds(), exp: seconds() + 300 }
  const secured = await sign(key, { typ: 'action+jwt', jwk: key.jwk }, claims)
  return post('/confirm/token', { session_token: session.token, secured_session_token: secured, action_type: 'transaction' })
}

const transaction = () => `pay ${field('#amount')} to ${field('#to')}`

async function byChallenge() {
  const key = await register()
  const action = transaction()
  return post('/confirm/challenge', { key_id: key.id, action, answer: await answerChallenge(key, 'confirm', { action }) })
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
