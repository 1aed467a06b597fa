// What was typed and not answered, in the browser's local storage: a tab that is closed, or crashes, loses nothing.
// Each tab has an entry of its own: its message as it would be sent, and when it was typed. The next page of the same
// user sends the message of a tab that is gone; nobody else's page looks at it.

const KEPT = 'rampa-cart'
const STALE = 30 * 60_000 // ms; what was typed longer ago is told, and not sent on its own any more
const ALIVE = 120_000 // ms; a tab that lives writes its entry anew within them, also one that is not seen

const key = ({ whose, tab }) => `${KEPT} ${whose} ${tab}`

/** `at`: when the last of it was typed, `names`: of its products, by id, `gone`: the page goes away now. */
export function write(message, at, names, gone) {
  const entry = { message, at, names }
  localStorage.setItem(key(message), JSON.stringify({ ...entry, seen: gone ? 0 : Date.now() }))
}

export const forget = message => localStorage.removeItem(key(message))

/** The entries of this user's tabs that are gone: {message, names, stale}. */
export function left(whose, tab) {
  const now = Date.now()
  return Object.keys(localStorage)
    .filter(name => name.startsWith(`${KEPT} ${whose} `) && name !== key({ whose, tab }))
    .map(name => JSON.parse(localStorage.getItem(name)))
    .filter(entry => entry && entry.seen < now - ALIVE)
    .map(entry => ({ ...entry, stale: entry.at < now - STALE }))
}
