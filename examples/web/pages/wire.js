// A list of events that grows as they come. `data-from` is where they come from; its other data are the query.
const list = document.querySelector('#events')
const { from, ...query } = list.dataset
let last = 0

function element(kind, className, text) {
  const made = document.createElement(kind)
  if (className) made.className = className
  made.textContent = text
  return made
}

function show(event) {
  const item = document.createElement('li')
  const time = new Date(event.at * 1000).toLocaleTimeString()
  item.append(element('div', /\/dbsc\//.test(event.line) ? 'line bound' : 'line', `${time}  ${event.line}`))
  if (event.outcome) item.append(element('div', 'outcome', event.outcome))
  if (event.session) item.append(element('div', 'outcome', `device session ${event.session}, key ${event.key_id}`))
  for (const [arrow, lines] of [['>', event.sent], ['<', event.answered]])
    if (lines?.length) item.append(element('pre', '', lines.map(l => `${arrow} ${l}`).join('\n')))
  list.prepend(item)
  last = event.number
}

async function poll() {
  const answer = await fetch(`${from}?${new URLSearchParams({ ...query, after: last })}`, { headers: { Accept: 'application/json' } }).catch(() => undefined)
  if (answer?.ok) (await answer.json()).forEach(show)
  if (answer?.status === 401) return location.reload()
  setTimeout(poll, 1000)
}
poll()
