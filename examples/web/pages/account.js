import { binding, register } from './device.js'
import { signal } from './passkey.js'
import { draw } from './story.js'

const show = (id, text) => document.querySelector(id).textContent = text
const badge = document.querySelector('#badge')

function bound(text, good) {
  badge.textContent = text
  badge.classList.toggle('good', good)
}

async function drawStory() {
  const answer = await fetch('/wire/events?after=0', { headers: { Accept: 'application/json' } }).catch(() => undefined)
  if (answer?.ok) draw(document.querySelector('#story'), await answer.json())
}

const registered = register().then(key => show('#key', key.id), e => show('#key', e.message)).then(drawStory)

// The browser registers its bound session beside this page; a moment later it is there.
for (let tries = 0; tries !== 10; ++tries) {
  const { dbsc, key_id } = await binding()
  if (dbsc) show('#binding', 'bound to this browser by Device Bound Session Credentials')
  else if (key_id) show('#binding', "bound to a key in this browser's IndexedDB")
  bound(dbsc ? 'bound to this device' : key_id ? "bound to this browser's key" : 'not bound yet', Boolean(dbsc || key_id))
  if (dbsc) break
  await new Promise(resolve => setTimeout(resolve, 300))
}
await registered
await drawStory()
await signal() // after each login
