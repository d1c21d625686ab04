// SPDX-License-Identifier: BSL-1.0
// The demo site under mixed load on this machine: wrk asks for the protected page with the cookies of many logins, while these clients
// refresh all the time. Says how many requests a second, how long they took, and whether memory stays where it is.
// usage: node run.mjs DEMO [SECONDS]        ends in "N passed, N failed"
import { spawn } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from './client.mjs'
import { freePort, memory, sleep, startSite, stopAll } from './processes.mjs'

const [program, given = '600'] = process.argv.slice(2)
const seconds = Number(given), logins = 32
const here = dirname(fileURLToPath(import.meta.url))
const origin = 'https://shop.signet.test'
const folder = mkdtempSync(join(tmpdir(), 'signet-load-'))
let passed = 0, failed = 0
function check(what, good, seen) {
  if (good) passed++, console.log(`ok      ${what}`)
  else failed++, console.log(`FAILED  ${what}: ${JSON.stringify(seen)}`)
}

try {
  const port = await freePort()
  const site = await startSite(program, ['--port', port, '--origin', origin, '--data', join(folder, 'data')])
  const clients = []
  for (let i = 0; i !== logins; ++i) {
    const client = new Client(origin, port)
    await client.enter('/signup', `user${i}`, 'correct horse')
    clients.push(client)
  }
  const file = join(folder, 'cookies')
  const publish = () => {
    writeFileSync(`${file}.new`, clients.map(c => c.cookieField() + '\n').join(''))
    renameSync(`${file}.new`, file)
  }
  publish()

  let over = false, refreshes = 0
  const refused = [], sizes = []
  const refreshing = (async () => {
    for (let n = 0; !over; n = (n + 1) % logins) {
      const status = await clients[n].refresh()
      if (status === 200) refreshes++
      else refused.push(status)
      publish()
      await sleep(0.05)
    }
  })()
  const watching = (async () => {
    while (!over) {
      sizes.push(memory(site))
      await sleep(Math.min(1, seconds / 20))
    }
  })()

  let said = ''
  const wrk = spawn('wrk', ['--threads', '1', '--connections', '32', '--duration', `${seconds}s`, '--latency', '--script', join(here, 'wrk.lua'), `https://127.0.0.1:${port}/echo`],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, SIGNET_COOKIES: file } })
  wrk.stdout.on('data', data => said += data)
  await new Promise((resolve, reject) => wrk.on('close', resolve).on('error', reject))
  over = true
  await Promise.all([refreshing, watching])

  const [requests, micros, p50, p99, not200, broken] = /^result (.*)$/m.exec(said)[1].split(' ').map(Number)
  console.log(`        ${requests} requests in ${(micros / 1e6).toFixed(0)} s: ${(requests / micros * 1e6).toFixed(0)} a second; median ${(p50 / 1000).toFixed(1)} ms, ` +
    `99 % within ${(p99 / 1000).toFixed(1)} ms; ${refreshes} refreshes meanwhile`)
  check('every request of every login was answered with 200', not200 === 0 && broken === 0, { not200, broken })
  check('every refresh brought a cookie', refused.length === 0 && refreshes > 0, refused.slice(0, 10))
  // The first fifth fills pools and caches; after it the middle of each half is compared.
  const settled = sizes.slice(Math.ceil(sizes.length / 5))
  const middle = part => part.sort((a, b) => a - b)[part.length >> 1]
  const early = middle(settled.slice(0, settled.length >> 1)), late = middle(settled.slice(settled.length >> 1))
  console.log(`        resident memory: ${early.toFixed(1)} MiB, later ${late.toFixed(1)} MiB`)
  check('memory is steady', late < early * 1.05 + 1, sizes)
} catch (e) {
  check('runs to its end', false, e.stack)
}
await stopAll()
rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed || !passed ? 1 : 0)
