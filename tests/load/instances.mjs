// SPDX-License-Identifier: BSL-1.0
// Two instances of the demo site on one Redis: log in at one, go on at the other; one is killed under load, and nobody is logged out.
// usage: node instances.mjs DEMO        ends in "N passed, N failed"
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from './client.mjs'
import { freePort, sleep, startRedis, startSite, stop, stopAll } from './processes.mjs'

const [program] = process.argv.slice(2)
const origin = 'https://shop.signet.test'
const folder = mkdtempSync(join(tmpdir(), 'signet-instances-'))
let passed = 0, failed = 0
function check(what, good, seen) {
  if (good) passed++, console.log(`ok      ${what}`)
  else failed++, console.log(`FAILED  ${what}: ${JSON.stringify(seen)}`)
}

try {
  const redis = await freePort(), ports = [await freePort(), await freePort()]
  await startRedis(folder, redis)
  const options = port => ['--port', port, '--origin', origin, '--data', join(folder, 'data'), '--redis', redis]
  const first = await startSite(program, options(ports[0]))
  const second = await startSite(program, options(ports[1]))
  await sleep(2) // what is issued in the second in which Redis is first used counts as issued before it

  const clients = []
  for (let i = 0; i !== 8; ++i) {
    const client = new Client(origin, ports[i % 2])
    await client.enter('/signup', `user${i}`, 'correct horse')
    clients.push(client)
  }
  const swap = client => client.port = client.port === ports[0] ? ports[1] : ports[0]
  clients.forEach(swap)
  const works = await Promise.all(clients.map(c => c.work()))
  check('a login at one instance is one at the other', works.every(s => s === 200), works)
  const refreshed = await Promise.all(clients.map(c => c.refresh()))
  check('a refresh works at the other', refreshed.every(s => s === 200), refreshed)
  clients.forEach(swap)
  const back = await Promise.all(clients.map(c => c.work()))
  check('and the first knows the new cookie', back.every(s => s === 200), back)

  // Load, and a kill in the middle. Who is cut off goes to the other instance and asks again, as a browser behind a proxy does.
  const counts = { answered: 0, refreshes: 0, cutOff: 0, refused: [] }
  const until = Date.now() + 6000
  const loads = clients.map(async (client, i) => {
    for (let n = i; Date.now() < until; ++n) {
      const refresh = n % 7 === 0
      const status = refresh ? await client.refresh() : await client.work()
      if (status === 200) refresh ? counts.refreshes++ : counts.answered++
      else if (status === 0) counts.cutOff++, client.port = ports[1]
      else counts.refused.push(status)
    }
  })
  await sleep(2)
  const signal = await stop(first, 'SIGKILL')
  await Promise.all(loads)
  check(`one instance died under load (${signal})`, counts.cutOff > 0, counts)
  check('nothing was refused', counts.refused.length === 0, counts.refused.slice(0, 10))
  check('requests and refreshes went on', counts.answered > 50 && counts.refreshes > 8, counts)
  clients.forEach(c => c.port = ports[1])
  const after = await Promise.all(clients.map(async c => [await c.work(), await c.refresh(), await c.work()]))
  check('nobody is logged out', after.flat().every(s => s === 200), after)
  console.log(`        ${counts.answered} requests, ${counts.refreshes} refreshes, ${counts.cutOff} cut off`)
  await stop(second)
} catch (e) {
  check('runs to its end', false, e.message)
}
await stopAll()
rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed || !passed ? 1 : 0)
