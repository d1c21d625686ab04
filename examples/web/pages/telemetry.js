// Telemetry: what happens on this page, by type, in numbered batches of the device session.
import { deviceSession, next, seconds } from './device.js'

const show = (id, text) => document.querySelector(id).textContent = text
const every = 2000, maxEvents = 64 // milliseconds; the library's limit of a batch
let session, waiting, counts = {}, events = []

const count = type => counts[type] = (counts[type] ?? 0) + 1
const note = (type, data) => events.push({ type, at: seconds(), data })
for (const type of ['pointerdown', 'pointermove']) addEventListener(type, () => count('pointer'), { passive: true })
addEventListener('keydown', () => count('key'))
addEventListener('scroll', () => count('scroll'), { passive: true })
document.addEventListener('visibilitychange', () => note('visibility', document.visibilityState))
note('page', location.pathname)

function take() {
  const counted = Object.entries(counts).map(([type, times]) => ({ type, at: seconds(), data: String(times) }))
  const taken = [...events, ...counted].slice(0, maxEvents)
  counts = {}
  events = []
  return taken
}

async function begin() {
  const { key, ...made } = await deviceSession()
  session = made
  if (waiting?.session !== session.id) waiting = undefined
  show('#session', session.id)
  show('#key', key.id)
  show('#who', session.user || 'nobody yet')
}

function list({ number, events }) {
  const item = document.createElement('li')
  item.textContent = `${number}: ${events.map(({ type, data }) => `${type} ${data}`).join(', ')}`
  document.querySelector('#sent').prepend(item)
}

// One batch. It is sent again until the server has it: each number counts once.
async function send() {
  if (!waiting) {
    const taken = take()
    if (!taken.length) return
    waiting = { session: session.id, number: await next(`telemetry of ${session.id}`), events: taken }
  }
  const headers = { Authorization: `Bearer ${session.token}`, 'Content-Type': 'application/json', Accept: 'application/json' }
  const answer = await fetch('/telemetry/batch', { method: 'POST', headers, body: JSON.stringify(waiting), keepalive: true })
  const { error, message } = await answer.json()
  if (answer.ok) list(waiting)
  else if (error === 'expired' || error?.startsWith('session_')) return begin() // then again, if it is the same session
  else if (error === 'telemetry_too_early' || answer.status === 429) return
  show('#result', answer.ok || error === 'replayed' ? '' : message)
  waiting = undefined
}

try {
  await begin()
  for (;;) {
    await send().catch(e => show('#result', e.message))
    await new Promise(resolve => setTimeout(resolve, every))
  }
} catch (e) {
  show('#result', e.message)
}
