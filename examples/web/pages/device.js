// The keys of this browser: made by WebCrypto so that they cannot be exported, kept in IndexedDB, used to sign.
import { post } from './post.js'
export { post }

const encoder = new TextEncoder()
export const base64url = octets =>
  btoa(String.fromCharCode(...new Uint8Array(octets))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
export const sha256 = async text => base64url(await crypto.subtle.digest('SHA-256', encoder.encode(text)))
const json = value => base64url(encoder.encode(JSON.stringify(value)))
export const random = () => base64url(crypto.getRandomValues(new Uint8Array(16)))
export const seconds = () => Math.floor(Date.now() / 1000)

const opened = new Promise((resolve, reject) => {
  const ask = indexedDB.open('signet-demo', 1)
  ask.onupgradeneeded = () => ask.result.createObjectStore('kept')
  ask.onsuccess = () => resolve(ask.result)
  ask.onerror = () => reject(ask.error)
})

function inStore(mode, work) {
  return opened.then(db => new Promise((resolve, reject) => {
    const ask = work(db.transaction('kept', mode).objectStore('kept'))
    ask.onsuccess = () => resolve(ask.result)
    ask.onerror = () => reject(ask.error)
  }))
}
export const load = name => inStore('readonly', store => store.get(name))
export const save = (name, value) => inStore('readwrite', store => store.put(value, name))

// A key pair by name, made when it is first asked for. `privateKey.extractable` is false: no script can read it.
export async function keyFor(name) {
  let pair = await load(name)
  if (!pair) {
    const fresh = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    // Two tabs may come here at once; whoever is first has made the key.
    await inStore('readwrite', store => store.add(fresh, name)).catch(() => {})
    pair = await load(name)
  }
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const jwk = { crv, kty, x, y }
  return { privateKey: pair.privateKey, jwk, id: await sha256(JSON.stringify(jwk)) } // RFC 7638
}

// A compact JWS. WebCrypto's ECDSA signature is r and s, as ES256 has it.
export async function sign(key, header, payload) {
  const input = `${json({ alg: 'ES256', ...header })}.${json(payload)}`
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, encoder.encode(input))
  return `${input}.${base64url(signature)}`
}

// The next number of a count that all tabs share, from 0.
export const next = name => opened.then(db => new Promise((resolve, reject) => {
  const kept = db.transaction('kept', 'readwrite').objectStore('kept')
  const ask = kept.get(name)
  ask.onerror = () => reject(ask.error)
  ask.onsuccess = () => {
    const number = ask.result ?? 0, written = kept.put(number + 1, name)
    written.onsuccess = () => resolve(number)
    written.onerror = () => reject(written.error)
  }
}))

// Asks for a challenge and answers it.
export async function answerChallenge(key, purpose, { action, from = '/device/challenge' } = {}) {
  const { challenge, message } = await post(from, action ? { purpose, action } : { purpose })
  if (!challenge) throw new Error(message ?? 'no challenge')
  return sign(key, { typ: 'signet-challenge+jws' }, { challenge, purpose, aud: 'shop', ...(action && { action }) })
}

export const binding = () => fetch('/binding', { headers: { Accept: 'application/json' } }).then(r => r.ok ? r.json() : {})

// Makes this browser a device of the user's, unless it is one already in this login.
export async function register() {
  const key = await keyFor('device')
  if ((await binding()).key_id === key.id) return key
  const done = await post('/device/register', { jwk: JSON.stringify(key.jwk), answer: await answerChallenge(key, 'register-device') })
  if (done.status !== 200) throw new Error(done.message ?? `status ${done.status}`)
  return key
}

export const prove = async key => post('/device/prove', { key_id: key.id, answer: await answerChallenge(key, 'prove-device') })

// The device session of this browser with a fresh token, and its key. It needs no login.
export async function deviceSession() {
  const key = await keyFor('device')
  const before = await load('device-session')
  const answer = await answerChallenge(key, 'device-session', { from: '/device/session/challenge' })
  const now = await post('/device/session', { jwk: JSON.stringify(key.jwk), answer, ...(before && { token: before.token }) })
  if (now.status !== 200) throw new Error(now.message)
  await save('device-session', { id: now.id, token: now.token })
  return { key, ...now }
}
