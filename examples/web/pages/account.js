import { binding, register } from './device.js'

const show = (id, text) => document.querySelector(id).textContent = text
register().then(key => show('#key', key.id), e => show('#key', e.message))

// The browser registers its bound session beside this page; a moment later it is there.
for (let tries = 0; tries !== 10; ++tries) {
  const { dbsc, key_id } = await binding()
  if (dbsc) show('#binding', 'bound to this browser by Device Bound Session Credentials')
  else if (key_id) show('#binding', "bound to a key in this browser's IndexedDB")
  if (dbsc) break
  await new Promise(resolve => setTimeout(resolve, 300))
}
