// One product: its cells, its quantity field, what is said about it. Data only ever become text, never markup.
import { cells } from './cells.js'
import { button, element, write } from './elements.js'
import { fill, fitting, parse, takeable, stepOf } from './numbers.js'
import { enter } from './sending.js'
import * as store from './store.js'

const IDLE = 600 // ms after which a number that stands in a field counts without Enter

export class Row {
  constructor(grid, data) {
    this.grid = grid
    this.dirty = false // something stands in the field that is not entered yet
    this.tr = element('tr')
    this.tr.setAttribute('role', 'row')
    this.fill(data)
  }

  /** The cells of these data; a field that is being typed in stays as it is, and the caret where it was. */
  fill(data) {
    this.data = data
    this.text = JSON.stringify(data)
    store.learn(data)
    const old = this.tr.querySelector(':scope > .quantity')
    const made = this.grid.columns.map(name => (old && name === 'quantity' ? old : this.cell(name)))
    const kept = made.findIndex(cell => cell.classList.contains('quantity'))
    const focused = this.focusedKind()
    if (old && kept >= 0) this.keepQuantity(old, made, kept)
    else this.tr.replaceChildren(...made)
    if (focused) this.focus(focused)
    this.paint()
  }

  /** What has the focus here: the class of a button or link, 'quantity' for the field; nothing if it is elsewhere. */
  focusedKind() {
    const at = this.tr.getRootNode().activeElement
    if (!at || !this.tr.contains(at)) return ''
    return at === this.input ? 'quantity' : at.classList[0]
  }

  focus(kind) {
    const place = kind === 'quantity' ? this.input : this.tr.querySelector(`.${kind}`)
    if (place && !place.matches(':focus')) place.focus({ preventScroll: true })
    return Boolean(place)
  }

  keepQuantity(old, cells, at) {
    for (const child of [...this.tr.children]) if (child !== old) child.remove()
    old.before(...cells.slice(0, at))
    old.after(...cells.slice(at + 1))
    this.nameField()
  }

  cell(name) {
    const cell = element(name === 'product' ? 'th' : 'td', name)
    cell.setAttribute('role', name === 'product' ? 'rowheader' : 'cell')
    if (name === 'product') cell.scope = 'row'
    if (cells[name]) cells[name](this, cell)
    else this[`${name}Cell`](cell)
    return cell
  }

  quantityCell(cell) {
    const { words } = this.grid
    const stepper = element('div', 'stepper')
    this.less = button('step', '', () => this.step(-1))
    this.more = button('step', '', () => this.step(1))
    this.less.append('−')
    this.more.append('+')
    for (const step of [this.less, this.more]) {
      step.tabIndex = -1
      step.onpointerdown = event => event.preventDefault() // no keyboard pops up on a phone, and the focus stays
    }
    this.input = element('input')
    Object.assign(this.input, { inputMode: 'decimal', autocomplete: 'off', enterKeyHint: 'next', maxLength: 30, spellcheck: false })
    this.said = element('div', 'note')
    this.said.id = `note-${this.grid.serial()}`
    this.input.setAttribute('aria-describedby', this.said.id)
    stepper.append(this.less, this.input, this.more)
    cell.append(stepper, this.said)
    this.input.onfocus = () => this.focused()
    // The button's release would undo the selection: the number is selected again after the click that brought one here.
    this.input.onpointerdown = () => (this.arriving = !this.input.matches(':focus'))
    this.input.onclick = () => this.arriving && (this.input.select(), (this.arriving = false))
    this.input.oninput = () => this.typed()
    this.input.onblur = () => this.enter(true)
    this.nameField()
    this.less.title = words.less
    this.more.title = words.more
  }

  nameField() {
    const { words } = this.grid
    this.input.setAttribute('aria-label', fill(words.quantity_of, { name: this.data.name, sku: this.data.sku }))
    this.less.setAttribute('aria-label', `${words.less}: ${this.data.name}`)
    this.more.setAttribute('aria-label', `${words.more}: ${this.data.name}`)
  }

  totalCell(cell) {
    this.total = cell
  }

  get quantity() {
    return store.quantity(this.data.id, this.data.q)
  }

  focused() {
    this.before = this.quantity
    this.input.select()
  }

  typed() {
    const { id } = this.data
    this.dirty = true
    store.setNote(id, null)
    const { q } = parse(this.input.value, this.grid.write.mark)
    clearTimeout(this.idle)
    if (q !== undefined) this.idle = setTimeout(() => this.dirty && this.count(false), IDLE)
    store.preview(id, q ?? null)
  }

  /** What stands in the field counts; it is written as it counts. */
  enter(now = false) {
    if (this.dirty) this.count(now) && this.settled()
  }

  settled() {
    this.dirty = false
    this.paint()
  }

  count(now) {
    const { id } = this.data
    clearTimeout(this.idle)
    const { q, fault } = parse(this.input.value, this.grid.write.mark)
    if (fault) {
      store.preview(id, null)
      store.setNote(id, { kind: fault, typed: this.input.value.trim() })
      store.paint()
      return false
    }
    this.set(q, now)
    return true
  }

  /** The quantity becomes this, or what of it can be ordered. */
  set(q, now = false) {
    const { id } = this.data
    const fit = fitting(this.data, q)
    store.setNote(id, fit === q ? null : { kind: 'rounded', quantity: fit })
    enter(id, fit, now)
  }

  step(direction) {
    this.enter()
    const size = stepOf(this.data)
    const next = Math.max(this.quantity + direction * size, 0)
    const least = this.data.least ?? 0
    this.dirty = false
    this.set(direction < 0 && next < least ? 0 : next)
    if (this.input.matches(':focus')) this.input.select()
  }

  restore() {
    this.dirty = false
    clearTimeout(this.idle)
    store.setNote(this.data.id, null)
    store.preview(this.data.id, null)
    if (this.before !== undefined && this.before !== this.quantity) enter(this.data.id, this.before)
    this.paint()
    this.input.select()
  }

  paint() {
    const { grid, data } = this
    if (!this.input) return
    const q = this.quantity
    const written = grid.write.typed(q)
    if (!this.dirty && this.input.value !== written) {
      const whole = this.input.matches(':focus') && this.input.selectionEnd > this.input.selectionStart
      this.input.value = written
      if (whole) this.input.select()
    }
    const typed = this.dirty ? parse(this.input.value, grid.write.mark).q : q
    this.tr.classList.toggle('chosen', Boolean(typed ?? q))
    this.less.disabled = !(typed ?? q)
    const total = typed && data.price != null ? grid.shownTotal(store.net(data, typed), data.rate) : ''
    if (this.total) write(this.total, total)
    this.say(store.note(data.id))
  }

  say(what) {
    const { grid, data } = this
    const words = what ? this.words(what) : (data.hint ?? '')
    const take = what?.kind === 'short' && what.available != null ? takeable(data, what.available) : 0
    const key = `${what?.kind ?? ''} ${words} ${take}`
    if (this.key === key) return
    const first = this.key === undefined
    this.key = key
    this.said.textContent = words
    this.said.className = what ? `note ${what.kind === 'rounded' ? 'mended' : 'wrong'}` : 'note'
    this.input.setAttribute('aria-invalid', Boolean(what) && what.kind !== 'rounded')
    if (take) {
      const label = fill(grid.words.take, { quantity: grid.write.quantity(take) })
      const taking = element('button', 'take', label)
      taking.type = 'button'
      taking.setAttribute('aria-label', `${label}: ${data.name}`)
      taking.onpointerdown = event => event.preventDefault()
      taking.onclick = () => ((this.dirty = false), this.set(take, true))
      this.said.append(' ', taking)
    }
    if (what && !first) grid.announce(`${data.name}: ${words}`)
  }

  words({ kind, quantity, available, typed, reference }) {
    const { grid, data } = this
    const { words, write } = grid
    const figure = q => (q == null ? '' : write.quantity(q))
    if (kind === 'rounded' && data.multiple === 1000) kind = quantity > (data.least ?? 0) ? 'whole' : 'least'
    if (kind === 'rounded') kind = data.multiple ? 'multiple' : 'least'
    if (kind === 'short') kind = available == null ? 'short' : available > 0 ? 'left' : 'none_left'
    const values = { quantity: figure(quantity), available: figure(available), typed: typed ?? '', reference: reference ?? '' }
    return fill(words[kind] ?? '', values).replace('{multiple}', figure(data.multiple)).replace('{least}', figure(data.least))
  }
}
