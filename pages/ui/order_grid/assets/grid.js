// The order grid (role "grid") and the cart's totals (role "totals"): one module, so one store for all of a tab.
import { bar } from './bar.js'
import { grossPrice, opened } from './cells.js'
import { element } from './elements.js'
import { fill, parse, withVat, writer } from './numbers.js'
import { Row } from './row.js'
import * as sending from './sending.js'
import * as store from './store.js'

const SEARCH = '.st-key-catalog_q input'
const PATIENCE = 5000 // ms in which the products that were looked for come

const grids = new WeakMap()
let looked = null // {words, until}: who left the search field by key goes to the first quantity of what it finds
let shownNow = null // the grid on the page
let back = 0 // until when the browser's way back counts
let left = null // where the caret was in a grid that has just gone: a page that redraws gives it back
let serial = 0
const REPEATED = 10_000 // ms for which a click is told again: of two messages at once Streamlit keeps the newer one

class Grid {
  constructor(root) {
    this.rows = []
    this.byKey = new Map()
    this.table = element('table')
    this.table.setAttribute('role', 'table')
    this.head = element('thead')
    this.body = element('tbody')
    for (const part of [this.head, this.body]) part.setAttribute('role', 'rowgroup')
    this.table.append(this.head, this.body)
    this.live = element('div', 'aloud')
    this.live.setAttribute('role', 'status')
    root.replaceChildren(this.table, this.live)
    this.body.onkeydown = event => this.key(event)
    this.body.onpaste = event => this.paste(event)
    this.unwatch = store.watch(this)
  }

  serial = () => ++serial

  show(data, send) {
    this.send = send
    this.words = data.words
    this.can = data.can
    this.gross = data.gross
    this.write = writer(data.locale, data.lei)
    this.pictures = data.rows.some(row => row.image)
    const frame = JSON.stringify([data.words, data.can, data.gross, data.columns, this.pictures])
    if (frame !== this.frame) this.start(data, frame)
    sending.begin(data.whose)
    const first = !this.rows.length
    this.fill(data.rows)
    this.search = data.search
    shownNow = this
    if (first) this.comeBack()
    this.arrive()
  }

  /** From the search field to the first quantity, once these are the products that were looked for. */
  arrive() {
    if (!looked || looked.words !== this.search) return
    if (Date.now() < looked.until && this.rows[0]?.input) this.rows[0].input.focus()
    looked = null
  }

  /** The browser's way back from a product leads to its row. */
  comeBack() {
    const product = Date.now() < back ? opened.get(location.href) : null
    const row = product && this.rows.find(one => one.data.id === product)
    if (!row) return
    const laidOut = new ResizeObserver(() => {
      if (!this.table.offsetHeight) return
      laidOut.disconnect()
      row.tr.scrollIntoView({ block: 'center' })
      row.focus('name')
    })
    laidOut.observe(this.table)
  }

  /** Other columns or another language: everything is made anew. */
  start(data, frame) {
    this.frame = frame
    this.columns = data.columns
    this.table.style.setProperty('--columns', data.columns.map(name => `var(--${name})`).join(' '))
    this.table.setAttribute('aria-label', data.words.table)
    const line = element('tr')
    line.setAttribute('role', 'row')
    for (const name of data.columns) {
      const cell = element('th', name, data.words[`column_${name}`])
      cell.setAttribute('role', 'columnheader')
      cell.scope = 'col'
      if (name === 'quantity') cell.title = data.words.keys
      line.append(cell)
    }
    this.head.replaceChildren(line)
    this.byKey.clear()
    this.body.replaceChildren()
  }

  /** The rows in this order; those that stay keep their elements, and with them the caret. Another page of products
   *  begins at its top. */
  fill(all) {
    const seen = new Map()
    const old = this.byKey
    const before = old.size
    this.byKey = new Map()
    this.rows = all.map(data => {
      const nth = (seen.get(data.id) ?? 0) + 1
      seen.set(data.id, nth)
      const key = `${data.id}/${nth}`
      const row = old.get(key) ?? new Row(this, data)
      if (old.delete(key) && row.text !== JSON.stringify(data)) row.fill(data)
      this.byKey.set(key, row)
      return row
    })
    const goes = [...old.values()].find(gone => gone.focusedKind())
    const [kind, nth] = goes ? [goes.focusedKind(), [...this.body.children].indexOf(goes.tr)] : []
    for (const gone of old.values()) gone.enter(true)
    for (const gone of old.values()) gone.tr.remove()
    this.rows.forEach((row, at) => {
      if (this.body.children[at] !== row.tr) this.body.insertBefore(row.tr, this.body.children[at] ?? null)
    })
    if (before && old.size === before) document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)
    this.paint()
    if (goes) this.rows[Math.min(nth, this.rows.length - 1)]?.focus(kind)
    this.giveBack()
  }

  paint() {
    for (const row of this.rows) row.paint()
  }

  enter() {
    for (const row of this.rows) row.enter(true)
  }

  shownPrice = (price, rate) => this.write.price(this.gross ? grossPrice(price, rate) : price)
  shownTotal = (net, rate) => this.write.bare(this.gross ? withVat(net, rate) : net)

  announce(words) {
    this.live.textContent = words
  }

  /** Something was clicked that Python answers. Numbered: a click is answered once, and none is overtaken. */
  tell(what, id, on = false) {
    sending.settle().then(() => this.send(what, id, on))
  }

  rowAt(target) {
    return this.rows.findIndex(row => row.input === target)
  }

  key(event) {
    const at = this.rowAt(event.target)
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const row = this.rows[at]
    const act = {
      Enter: () => this.move(at, event.shiftKey ? -1 : 1),
      ArrowDown: () => this.move(at, 1),
      ArrowUp: () => this.move(at, -1),
      Tab: () => this.tab(at, event.shiftKey ? -1 : 1),
      Escape: () => row.restore(),
      '+': () => row.step(1),
      '-': () => row.step(-1),
    }[event.key]
    if (act && act() !== false) event.preventDefault()
  }

  /** Down the column while something is typed; else, and at its end, to wherever the browser goes. */
  tab(at, by) {
    if (!this.rows[at].dirty || !this.rows[at + by]) return false
    return this.move(at, by)
  }

  /** To the quantity `by` rows further; at the end it stays, with its number entered. */
  move(at, by) {
    const from = this.rows[at]
    const next = this.rows[at + by]
    from.enter()
    if (!next) return void from.input.select()
    next.input.focus({ preventScroll: true })
    next.tr.scrollIntoView({ block: 'nearest' })
  }

  /** A column of a sheet goes down the column from here; an empty cell leaves a row as it is. */
  paste(event) {
    const at = this.rowAt(event.target)
    const lines = (event.clipboardData?.getData('text') ?? '').replace(/\r?\n$/, '').split(/\r?\n/)
    if (at < 0 || (lines.length < 2 && !lines[0].includes('\t'))) return
    event.preventDefault()
    const cells = lines.map(line => this.quantityIn(line))
    cells.slice(0, this.rows.length - at).forEach((cell, nth) => cell && this.put(this.rows[at + nth], cell))
    const beyond = Math.max(cells.length - (this.rows.length - at), 0)
    const words = beyond ? this.words.pasted_beyond : this.words.pasted
    const said = fill(words, { count: this.write.quantity((cells.length - beyond) * 1000), beyond: String(beyond) })
    this.announce(said)
    if (beyond) store.say(said)
    this.rows[at].input.select()
  }

  /** Of a line of a sheet the first cell that is a number, else what stands there. */
  quantityIn(line) {
    const cells = line.split('\t').map(cell => cell.trim()).filter(Boolean)
    return cells.find(cell => !parse(cell, this.write.mark).fault) ?? cells[0] ?? ''
  }

  put(row, text) {
    row.input.value = text
    row.dirty = true
    row.enter()
    if (parse(text, this.write.mark).fault) row.paint()
  }

  /** Remember the caret, for the grid that takes this one's place. */
  leave(root) {
    const at = this.rowAt(root.activeElement)
    this.enter()
    this.unwatch()
    if (at >= 0) left = { id: this.rows[at].data.id, until: Date.now() + 3000 }
    if (shownNow === this) shownNow = null
  }

  giveBack() {
    const row = left && Date.now() < left.until && this.rows.find(one => one.data.id === left.id)
    if (left) left = null
    if (row) row.input?.focus({ preventScroll: true })
  }
}

function grid({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector('.rampa')
  const shown = grids.get(root) ?? new Grid(root)
  grids.set(root, shown)
  shown.show(data, (what, id, on) => {
    const now = Date.now()
    const recent = (shown.told ?? []).filter(([at]) => at > now - REPEATED)
    shown.told = [...recent, [Math.max(now, (recent.at(-1)?.[0] ?? 0) + 1), what, id, on]]
    setStateValue('told', shown.told)
  })
  return () => shown.leave(parentElement)
}

document.addEventListener('keydown', event => {
  if (!['ArrowDown', 'Enter'].includes(event.key) || event.isComposing || !event.target.matches?.(SEARCH)) return
  looked = { words: event.target.value.trim(), until: Date.now() + PATIENCE }
  shownNow?.arrive()
})

addEventListener('popstate', event => {
  if (event.isTrusted) back = Date.now() + PATIENCE // the others are our own, see cells.js
})

/** Runs whenever the data or the theme change. */
export default component => ({ grid, totals: bar })[component.data?.role]?.(component)
