// Posts JSON: the answer's members and its status.
export async function post(path, body) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, ...await answer.json().catch(() => ({})) }
}
