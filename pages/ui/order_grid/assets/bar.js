// The cart's totals, counted in the browser and confirmed by the server.
import { fill, writer } from './numbers.js'
import { element, write } from './row.js'
import * as store from './store.js'

const bars = new WeakMap()
const HELD = '.st-key-open_cart button' // opens what Python reads from the database: it waits for what is unsent
let passing = false

class Bar {
  constructor(root) {
    this.count = element('strong', 'count')
    this.state = element('span', 'state')
    this.state.setAttribute('role', 'status')
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
    store.begin(data.whose)
    store.adopt(data.cart)
    store.restore()
    this.paint()
  }

  paint() {
    if (!this.words) return
    const { count, ...sums } = store.sums()
    const { trouble, refusal, pending } = store.status()
    write(this.count, fill(this.words.count, { count: this.write.quantity(count * 1000) }))
    for (const [name, value] of Object.entries(sums)) write(this.parts[name], this.write.amount(value))
    write(this.state, refusal || (this.words[trouble] ?? ''))
    this.root.dataset.state = trouble || (pending ? 'sending' : 'kept')
    this.askPython()
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
  if (!target || passing || !store.status().pending) return
  event.preventDefault()
  event.stopImmediatePropagation()
  await store.settle()
  passing = true
  target.click()
  passing = false
}

addEventListener('click', hold, true)
