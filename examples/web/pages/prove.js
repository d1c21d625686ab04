import { keyFor, prove } from './device.js'

const next = new URLSearchParams(location.search).get('next') ?? '/'
const done = await prove(await keyFor('device')).catch(e => ({ status: 0, message: e.message }))
// Only addresses of this site: a second slash would begin another host.
if (done.status === 200) location.replace(/^\/(?![/\\])/.test(next) ? next : '/')
else document.querySelector('#result').textContent = `This login needs the key that it began with: ${done.message}`
