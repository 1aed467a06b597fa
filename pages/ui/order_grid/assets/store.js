// What the tab knows of the cart, and what was typed into it. One store per tab: it outlives pages and reruns.
//
// An edit stays in `out` until the server has answered for it (sending.js), so a cut line, a page change or a slow
// server lose nothing. All edits in `out` belong to the cart that is known: with another one they end.
import { lineNet, priceAt, totals } from './numbers.js'

export const out = new Map() // product id → {q, s, at}: the quantity, the number of the edit, and when it was typed
const typing = new Map() // product id → quantity that stands in a field and is not entered yet
const notes = new Map() // product id → what the server, or the grid, has to say about the last edit
const rows = new Map() // product id → row data, to price what the server has not seen
const views = new Set() // {paint(), enter()}: grids and bars on the page
let told = '' // a sentence of the grid, until something is typed
let lost = [] // what was typed and not kept, as [sku, q], until something is typed
let known = null // the newest cart the server told of
let seq = 0

export const watch = view => (views.add(view), () => views.delete(view))
export const learn = row => rows.set(row.id, row)
export const note = id => notes.get(id) ?? shortage(id)
export const setNote = (id, what) => (what ? notes.set(id, what) : notes.delete(id))
export const cart = () => known
export const newest = () => seq
export const remarked = () => ({ told, lost })
export const sku = id => rows.get(id)?.sku ?? ''

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

/** A quantity is entered: it counts at once. Also one that stands there already: another tab may have changed it. */
export function put(id, q) {
  typing.delete(id)
  told = ''
  lost = []
  out.set(id, { q, s: ++seq, at: Date.now() })
  paint()
}

/** The cart as the server saw it; what was seen before the newest we have is no news. True if it is news. */
export function adopt(cart) {
  if (known && cart.read <= known.read) return false
  if (known && cart.cart !== known.cart) {
    notes.clear()
    for (const [id, { q }] of [...out]) drop(id, q, { kind: 'sent' })
  }
  known = cart
  paint()
  return true
}

/** What was typed is not kept: its row says why, and the bar says so wherever one is. */
export function drop(id, q, why, name = sku(id)) {
  out.delete(id)
  notes.set(id, { quantity: q, ...why })
  lost.push([name, q])
}

/** A sentence beside the sums. */
export function say(words) {
  told = words
  paint()
}

/** What Python has words for beside the sums: as a text, to see whether it has changed. */
export const remarks = (cart = known) => (cart ? JSON.stringify([cart.asked, cart.short]) : '')

/** The net of a product's line in bani, as the server has it or as it will. */
export function net(row, q) {
  const line = known?.lines[row.id]
  return line?.[0] === q ? line[1] : lineNet(q, priceAt(row, q))
}

/** Another user: nothing of the first one's is left. */
export function clear() {
  for (const all of [out, typing, notes]) all.clear()
  told = ''
  lost = []
  known = null
}

export function paint() {
  for (const view of views) view.paint()
}

/** What stands in the fields is entered. */
export function enterAll() {
  for (const view of views) view.enter?.()
}
