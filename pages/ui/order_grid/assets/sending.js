// What was typed goes to the server, one message at a time, each with everything that is unanswered. Messages are
// numbered per tab: the server keeps none that comes after a newer one, and none for a cart that is not there any more.
import * as store from './store.js'
import * as unsent from './unsent.js'

const ROUTE = '/cart/keep'
const TOGETHER = 40 // ms in which edits travel together
const RETRY = [300, 700, 1500, 2500]
const ASK_AGAIN = 10_000 // ms; somebody has to log in first
const TRIES = 3 // after so many errors on the server each edit goes alone: what is wrong with one stops no other

const others = new BroadcastChannel('rampa-cart')
let whose = ''
let tab = ''
let number = 0
let waiting = [] // entries of tabs that are gone
let sending = false
let gone = false
let timer = 0
let tries = 0
let failures = 0
let trouble = '' // '', 'offline', 'failing', 'login', 'other', 'refused'
let refusal = ''

const newTab = () => [...crypto.getRandomValues(new Uint8Array(8))].map(byte => byte.toString(16).padStart(2, '0')).join('')

export const status = () => ({ trouble, refusal, pending: store.out.size + waiting.length > 0 })

/** Whose cart it is. Another user in this tab starts with nothing of the first one's; that waits for its own. */
export function begin(user) {
  if (whose === user) return
  if (whose) {
    keep(true)
    store.clear()
  }
  whose = user
  tab = newTab()
  waiting = []
}

/** A quantity is entered; it is sent at once or, with others, in a moment. */
export function enter(id, q, now = false) {
  store.put(id, q)
  now ? flush() : (timer ||= setTimeout(() => flush(), TOGETHER))
}

/** The cart as Python saw it, and what tabs that are gone had left of it. */
export function show(cart) {
  hear(cart)
  for (const entry of unsent.left(whose, tab)) {
    if (entry.stale) give(entry, { kind: 'old' })
    else if (!waiting.some(({ message }) => message.tab === entry.message.tab)) waiting.push(entry)
  }
  store.paint()
  flush()
}

/** News of the cart is news for the other tabs. */
function hear(cart) {
  const pending = store.out.size
  if (!store.adopt(cart)) return
  others.postMessage({ whose, cart })
  if (store.out.size < pending) keep()
}

others.onmessage = ({ data }) => {
  const pending = store.out.size
  if (data.whose === whose && store.adopt(data.cart) && store.out.size < pending) keep()
}

/** Everything typed is entered and sent; the promise is kept when the server has answered, or cannot be reached. */
export async function settle() {
  store.enterAll()
  for (let turn = 0; status().pending && !trouble && turn < 400; turn++) {
    flush()
    await new Promise(done => setTimeout(done, 15))
  }
}

/** What is unanswered, as a message with a number of its own; it is also kept for the next page. */
function keep(leaving = gone) {
  number = Math.max(Date.now(), number + 1)
  const edits = Object.fromEntries([...store.out].map(([id, { q }]) => [id, q]))
  const message = { whose, cart: store.cart()?.cart, tab, number, edits }
  const names = Object.fromEntries([...store.out.keys()].map(id => [id, store.sku(id)]))
  const at = Math.max(...[...store.out.values()].map(edit => edit.at))
  if (store.out.size) unsent.write(message, at, names, leaving)
  else unsent.forget(message)
  return message
}

function next() {
  if (waiting.length) return waiting[0].message
  const all = keep()
  if (failures < TRIES) return all
  keep() // under a later number: the answer to a part is none to the rest
  return { ...all, edits: Object.fromEntries(Object.entries(all.edits).slice(0, 1)) }
}

/** Send what is unanswered; `ask` also when there is nothing, to hear what the cart is now. */
async function flush(ask = false) {
  clearTimeout(timer)
  timer = 0
  if (sending || !store.cart() || !(store.out.size || waiting.length || ask)) return
  sending = true
  const message = next()
  const upTo = store.newest() // before the answer is awaited: what is typed meanwhile is newer
  answered(await post({ ...message, cart: message.cart ?? store.cart().cart }), message, upTo)
  sending = false
  store.paint()
  if (store.out.size + waiting.length && !timer) timer = setTimeout(() => flush(), TOGETHER)
}

/** The answer, empty where there is none of ours: the line is cut, or a proxy or a hotel's log-in page has answered. */
async function post(message) {
  const headers = { 'content-type': 'application/json' }
  const options = { method: 'POST', redirect: 'error', headers, body: JSON.stringify(message) }
  try {
    const response = await fetch(ROUTE, { ...options, signal: AbortSignal.timeout(10_000) })
    return { ...(await response.json()), status: response.status }
  } catch (error) {
    console.info('not sent yet', error)
    return {}
  }
}

function answered(said, message, upTo) {
  if (said.status === 200 && said.cart) kept(said, message, upTo)
  else if (said.refused && said.status === 401) later('login')
  else if (said.refused && said.status === 409) later('other')
  else if (said.refused) refused(said.refused, message)
  else if (said.failed) failed(said.failed, message)
  else later('offline')
}

function kept(said, message, upTo) {
  tries = 0
  trouble = refusal = ''
  const names = done(message)
  hear(said.cart)
  for (const { id, kind, quantity } of said.lines ?? []) {
    const edit = store.out.get(id)
    if (names ? edit : !edit || edit.s > upTo) continue // a newer edit of the same product wins
    if (kind === 'sent') store.drop(id, quantity, { kind }, names?.[id])
    else store.out.delete(id)
    if (!['ok', 'short', 'sent'].includes(kind)) store.setNote(id, { kind, quantity })
  }
  if (!names) remember(said.older)
}

/** What is left; where it came after a newer message of this tab's name, it goes again under another name. */
function remember(older) {
  if (older) {
    unsent.forget({ whose, tab })
    tab = newTab()
  }
  if (!store.out.size) failures = 0
  keep()
}

/** It need not be sent again. The names of its products by id, if it is a message of a tab that is gone. */
function done(message) {
  const entry = waiting.find(one => one.message === message)
  if (!entry) return null
  waiting = waiting.filter(one => one !== entry)
  unsent.forget(message)
  return entry.names
}

function refused(words, message) {
  trouble = 'refused'
  refusal = words
  give({ message, names: done(message) }, { kind: 'unkept' })
}

function failed(reference, message) {
  if (++failures <= TRIES) return later('failing')
  give({ message, names: done(message) }, { kind: 'failed', reference })
  trouble = ''
}

/** The edits of a message are given up, and told, but for those of a tab that is gone which stand in the cart so. */
function give({ message, names }, why) {
  const mine = message.tab === tab
  for (const [id, q] of Object.entries(message.edits)) {
    const there = !mine && (store.out.has(Number(id)) || store.quantity(Number(id)) === q)
    if (!there) store.drop(Number(id), q, why, names?.[id])
  }
  mine ? keep() : unsent.forget(message)
}

function later(why) {
  trouble = why
  keep()
  timer = setTimeout(() => flush(true), why === 'login' || why === 'other' ? ASK_AGAIN : RETRY[Math.min(tries++, RETRY.length - 1)])
}

/** The page goes away: a request begun now would be cut off, a beacon is not. */
function leave() {
  store.enterAll()
  const message = keep()
  if (store.out.size && message.cart) navigator.sendBeacon(ROUTE, new Blob([JSON.stringify(message)], { type: 'application/json' }))
}

/** Another window may have changed the cart meanwhile. */
const ask = () => store.cart() && flush(true)

addEventListener('pagehide', () => ((gone = true), leave()))
addEventListener('pageshow', () => (gone = false))
addEventListener('online', () => flush())
addEventListener('focus', ask)
document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? leave() : ask()))
