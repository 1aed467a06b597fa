// The cart's totals, counted in the browser and confirmed by the server.
import { fill, writer } from './numbers.js'
import { element, write } from './elements.js'
import * as sending from './sending.js'
import * as store from './store.js'

const bars = new WeakMap()
const HELD = '.st-key-open_cart button' // opens what Python reads from the database: it waits for what is unsent
const KEY = 'F9' // opens it too: pages/ui/cart.py says so
const MOST_LOST = 3
let passing = false

class Bar {
  constructor(root) {
    this.count = element('strong', 'count')
    this.state = element('span', 'state')
    this.state.setAttribute('role', 'status')
    this.said = element('span')
    this.login = element('a')
    this.state.append(this.said, ' ', this.login)
    this.sums = element('span', 'sums')
    this.parts = {}
    for (const name of ['net', 'vat', 'gross']) {
      const part = element('span', name)
      this.parts[name] = element('b')
      part.append(element('span', 'label'), ' ', this.parts[name])
      this.sums.append(part)
    }
    root.classList.add('bar')
    root.replaceChildren(this.count, this.state, this.sums)
    this.root = root
    this.unwatch = store.watch(this)
  }

  show(data, refresh) {
    this.words = data.words
    this.remarks = store.remarks(data.cart)
    this.refresh = refresh
    this.write = writer(data.locale, data.lei)
    for (const name of ['net', 'vat', 'gross']) this.parts[name].previousElementSibling.textContent = data.words[name]
    write(this.login, data.words.log_in)
    sending.begin(data.whose)
    sending.show(data.cart)
  }

  paint() {
    if (!this.words) return
    const { count, ...sums } = store.sums()
    const { trouble, refusal, pending } = sending.status()
    write(this.count, fill(this.words.count, { count: this.write.quantity(count * 1000) }))
    for (const [name, value] of Object.entries(sums)) write(this.parts[name], this.write.amount(value))
    write(this.said, [refusal || (this.words[trouble] ?? ''), this.remarked()].filter(Boolean).join(' '))
    this.login.hidden = trouble !== 'login'
    this.login.href = location.href
    this.root.dataset.state = trouble || (pending ? 'sending' : 'kept')
    this.askPython()
  }

  /** What was typed and not kept, and what the grid says of a paste. */
  remarked() {
    const { told, lost } = store.remarked()
    const products = lost.slice(0, MOST_LOST).map(([sku, q]) => `${sku} × ${this.write.quantity(q)}`)
    if (lost.length > MOST_LOST) products.push('…')
    return [told, lost.length ? fill(this.words.lost, { products: products.join(', ') }) : ''].filter(Boolean).join(' ')
  }

  /** Python says in words what is short, and that a question for approval ended: it is told when that has changed. */
  askPython() {
    const remarks = store.remarks()
    if (!remarks || remarks === this.remarks) return
    this.remarks = remarks
    this.refresh()
  }
}

export function bar({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.rampa')
  const shown = bars.get(root) ?? new Bar(root)
  bars.set(root, shown)
  shown.show(data, () => setTriggerValue('refresh', Date.now()))
  return () => shown.unwatch()
}

async function hold(event) {
  const target = event.target.closest?.(HELD)
  if (!target || passing || !sending.status().pending) return
  event.preventDefault()
  event.stopImmediatePropagation()
  await sending.settle()
  passing = true
  target.click()
  passing = false
}

/** As a click: what stands in a field is entered, and the click is held back until it has arrived. */
function open(event) {
  const target = event.key === KEY && !document.querySelector('[role=dialog]') && document.querySelector(HELD)
  if (!target) return
  event.preventDefault()
  event.stopImmediatePropagation()
  store.enterAll()
  target.click()
}

addEventListener('click', hold, true)
addEventListener('keydown', open, true)
