// SPDX-License-Identifier: BSL-1.0
// Processes of a test: the demo site and redis-server, each on a port of its own.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'

const running = new Set()

export const sleep = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds))

export const freePort = () => new Promise(resolve => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})

function keep(child) {
  running.add(child)
  child.ended = new Promise(resolve => child.on('exit', (code, signal) => {
    running.delete(child)
    resolve(signal ?? code)
  }))
  return child
}

// The site, once it listens.
export async function startSite(program, options) {
  const child = keep(spawn(program, options.map(String), { stdio: ['ignore', 'pipe', 'inherit'] }))
  let said = ''
  await new Promise((resolve, reject) => {
    child.on('exit', code => reject(new Error(`the site ended with ${code}: ${said}`)))
    child.stdout.on('data', data => (said += data).includes('Ctrl-C') && resolve())
  })
  return child
}

// A Redis that forgets nothing it acknowledged, once it listens.
export async function startRedis(folder, port) {
  const child = keep(spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always',
    '--maxmemory-policy', 'noeviction'].map(String), { stdio: 'ignore' }))
  for (let tries = 0; tries !== 200; ++tries) {
    if (await new Promise(resolve => connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)))) break
    await sleep(0.02)
  }
  return child
}

export async function stop(child, signal = 'SIGTERM') {
  child.kill(signal)
  return child.ended
}

export const stopAll = () => Promise.all([...running].map(child => stop(child, 'SIGKILL')))

// Resident memory in MiB, on Linux.
export const memory = child => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
