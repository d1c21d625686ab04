import { register } from './device.js'

const shown = document.querySelector('#key')
try {
  const key = await register()
  shown.textContent = key.id
} catch (e) {
  shown.textContent = e.message
}
