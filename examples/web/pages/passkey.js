// Passkeys: the server's options, the browser's ceremony, and the answer for the server.
import { post } from './post.js'

// Older browsers have passwords.
export const supported = Boolean(globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON)

// What users read of what browsers throw.
const reasons = {
  InvalidStateError: 'This device has a passkey for this account already.',
  NotAllowedError: 'Cancelled, or there is no passkey for this here.',
}

// One ceremony at a time: a button ends the one that waits for autofill.
let running = new AbortController()

async function ceremony(path, body, work) {
  running.abort()
  const { signal } = running = new AbortController()
  const options = await post(path, body)
  if (options.status !== 200) throw new Error(options.message ?? `status ${options.status}`)
  try {
    return (await work(options, signal)).toJSON()
  } catch (e) {
    throw reasons[e.name] ? new Error(reasons[e.name], { cause: e }) : e
  }
}

// Makes a passkey.
export const create = (path, body = {}) => ceremony(path, body, (options, signal) =>
  navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal }))

// Uses one. `how` is empty, or { mediation: 'conditional' } for autofill.
export const use = (path, body = {}, how = {}) => ceremony(path, body, (options, signal) =>
  navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), signal, ...how }))

// Tells the browser which passkeys there are and what the user is called, where it wants to know. What the server no
// longer has vanishes from the browser's lists.
//
// It is a hint, so a page works without it. A browser refuses a hint where it is busy with another request
// (OperationError) and where it will not use passkeys at the moment (NotAllowedError); it is told after the next login.
export async function signal() {
  if (!supported) return
  const answer = await fetch('/passkey/signals', { headers: { Accept: 'application/json' } }).catch(() => undefined)
  const { accepted, details } = answer?.ok ? await answer.json() : {}
  try {
    if (accepted) await PublicKeyCredential.signalAllAcceptedCredentials?.(accepted)
    if (details) await PublicKeyCredential.signalCurrentUserDetails?.(details)
  } catch (e) {
    if (!['OperationError', 'NotAllowedError'].includes(e.name)) throw e
  }
}
