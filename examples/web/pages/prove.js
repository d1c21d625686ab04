import { keyFor, prove } from './device.js'

const done = await prove(await keyFor('device')).catch(e => ({ status: 0, message: e.message }))
const result = document.querySelector('#result')
// The server has looked that this is a page of its own.
if (done.status === 200) location.replace(result.dataset.next)
else result.textContent = `This login needs the key that it began with: ${done.message}`
