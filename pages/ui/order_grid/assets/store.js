// What the tab knows of the cart, and what it still has to send. One store per tab: it outlives pages and reruns.
//
// An edit stays in `out` until the server has answered for it, so a cut line, a page change or a slow server lose
// nothing. One request at a time, always with everything that is unanswered: the server never gets an older edit last.
import { lineNet, priceAt, totals } from './numbers.js'

const ROUTE = '/cart/keep'
const KEPT = 'rampa-cart'
const TOGETHER = 40 // ms in which edits travel together
const RETRY = [300, 700, 1500, 2500]
const STALE = 30 * 60_000 // what was left unsent longer ago is not sent on its own any more

const out = new Map() // product id → {q, s}: the quantity, and the number of the edit
const typing = new Map() // product id → quantity that stands in a field and is not entered yet
const notes = new Map() // product id → what the server, or the grid, has to say about the last edit
const rows = new Map() // product id → row data, to price what the server has not seen
const views = new Set() // {paint(), enter()}: grids and bars on the page
let known = null // the newest cart the server told of
let whose = ''
let seq = 0
let sending = false
let timer = 0
let tries = 0
let trouble = '' // '', 'offline', 'login', 'refused'
let refusal = ''

export const watch = view => (views.add(view), () => views.delete(view))
export const learn = row => rows.set(row.id, row)
export const note = id => notes.get(id) ?? shortage(id)
export const setNote = (id, what) => (what ? notes.set(id, what) : notes.delete(id))
export const status = () => ({ trouble, refusal, pending: out.size > 0 })

const shortage = id => (known && id in known.short && !typing.has(id) ? { kind: 'short', available: known.short[id] } : null)

/** The quantity as it stands; `told` is what the page's own data say. */
export const quantity = (id, told = 0) => out.get(id)?.q ?? (known ? (known.lines[id]?.[0] ?? 0) : told)

/** A number in a field that is being typed; null once it is entered or given up. */
export function preview(id, q) {
  q === null ? typing.delete(id) : typing.set(id, q)
  paint()
}

/** The cart as it will be when everything typed and sent has arrived. */
export function sums() {
  const shown = new Map(Object.entries(known?.lines ?? {}).map(([id, line]) => [Number(id), line]))
  for (const [id, q] of [...[...out].map(([id, edit]) => [id, edit.q]), ...typing]) {
    const row = rows.get(id)
    if (!q) shown.delete(id)
    else if (row?.price != null) shown.set(id, [q, lineNet(q, priceAt(row, q)), row.rate])
  }
  const lines = [...shown.values()]
  return { count: lines.length, ...totals(lines.map(([, net, rate]) => [net, rate])) }
}

/** A quantity is entered: it counts at once and is sent at once or, with others, in a moment. */
export function enter(id, q, told, now = false) {
  typing.delete(id)
  if (q !== quantity(id, told)) out.set(id, { q, s: ++seq })
  paint()
  if (out.size) now ? flush() : (timer ||= setTimeout(() => flush(), TOGETHER))
}

/** The cart as Python or the route saw it; what was seen before the newest we have is no news. */
export function adopt(cart) {
  if (known && cart.read < known.read) return
  known = cart
  paint()
}

/** What Python has words for beside the sums: as a text, to see whether it has changed. */
export const remarks = (cart = known) => (cart ? JSON.stringify([cart.asked, cart.short]) : '')

/** The net of a product's line in bani, as the server has it or as it will. */
export function net(row, q) {
  const line = known?.lines[row.id]
  return line?.[0] === q ? line[1] : lineNet(q, priceAt(row, q))
}

/** Whose cart it is. Another user in this tab starts with nothing of the first one's. */
export function begin(user) {
  if (whose === user) return
  if (whose) {
    out.clear()
    typing.clear()
    notes.clear()
    known = null
  }
  whose = user
}

export function paint() {
  for (const view of views) view.paint()
}

/** Everything typed is entered and sent; the promise is kept when the server has answered, or cannot be reached. */
export async function settle() {
  for (const view of views) view.enter?.()
  for (let turn = 0; out.size && !trouble && turn < 400; turn++) {
    flush()
    await new Promise(done => setTimeout(done, 15))
  }
}

const unanswered = () => JSON.stringify({ whose, edits: Object.fromEntries([...out].map(([id, edit]) => [id, edit.q])) })

/** Send what is unanswered; `ask` also when there is nothing, to hear what the cart is now. */
async function flush(ask = false) {
  clearTimeout(timer)
  timer = 0
  if (sending || !(out.size || ask)) return
  const upTo = seq
  sending = true
  try {
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: unanswered(), signal: AbortSignal.timeout(10_000) }
    await answered(await fetch(ROUTE, options), upTo)
  } catch (error) {
    later('offline')
  }
  sending = false
  paint()
  if (out.size && !timer) timer = setTimeout(() => flush(), TOGETHER)
}

async function answered(response, upTo) {
  if (response.status === 401) return later('login')
  if (response.status >= 500) return later('offline')
  const said = await response.json().catch(() => ({}))
  tries = 0
  trouble = response.ok ? '' : 'refused'
  refusal = said.refused ?? ''
  const answers = new Map((said.lines ?? []).map(line => [line.id, line]))
  for (const [id, edit] of [...out]) {
    if (edit.s > upTo) continue // a newer edit of the same product wins
    out.delete(id)
    const answer = answers.get(id)
    if (answer && answer.kind !== 'ok' && answer.kind !== 'short') notes.set(id, answer)
  }
  keep()
  if (said.cart) adopt(said.cart)
}

function later(why) {
  trouble = why
  keep()
  const pause = why === 'login' ? 10_000 : RETRY[Math.min(tries++, RETRY.length - 1)]
  timer = setTimeout(() => flush(), pause)
}

/** What is unsent, for this tab's next page; nothing once all is answered. */
function keep() {
  if (out.size) sessionStorage.setItem(KEPT, JSON.stringify({ whose, cart: known?.cart, at: Date.now(), edits: [...out] }))
  else sessionStorage.removeItem(KEPT)
}

/** After a reload: what did not arrive before, if it is still the same user's same cart. */
export function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null')
  sessionStorage.removeItem(KEPT)
  if (!kept || kept.whose !== whose || kept.cart !== known?.cart || Date.now() - kept.at > STALE) return
  for (const [id, edit] of kept.edits) if (!out.has(id)) out.set(id, { q: edit.q, s: ++seq })
  flush()
}

/** The page goes away: a request begun now would be cut off, a beacon is not. */
function leave() {
  for (const view of views) view.enter?.()
  if (!out.size) return
  keep()
  navigator.sendBeacon(ROUTE, new Blob([unanswered()], { type: 'application/json' }))
}

addEventListener('pagehide', leave)
addEventListener('online', () => flush())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') leave()
  else if (known) flush(true) // another tab may have changed the cart meanwhile
})
