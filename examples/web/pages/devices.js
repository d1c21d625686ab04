import { create, signal, supported } from './passkey.js'
import { post } from './post.js'

async function add() {
  const done = await post('/passkey/add/finish', await create('/passkey/add/begin'))
  if (done.status !== 200) throw new Error(done.message)
  location.reload()
}

const button = document.querySelector('#add-passkey')
button.hidden = !supported
button.addEventListener('click', () => add().catch(e => document.querySelector('#result').textContent = e.message))
await signal() // also after a removal, which leads here
