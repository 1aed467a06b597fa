// One product: its cells, its quantity field, what is said about it. Data only ever become text, never markup.
import { fill, fitting, parse, stepOf, takeable, withVat } from './numbers.js'
import * as store from './store.js'

const IDLE = 600 // ms after which a number that stands in a field counts without Enter
const ICONS = {
  star: 'm12 17.3-5.6 3.4 1.5-6.4L3 10l6.5-.6L12 3.5l2.5 5.9 6.5.6-4.9 4.3 1.5 6.4z',
  bell: 'M12 22a2 2 0 0 0 2-2h-4a2 2 0 0 0 2 2zm6-6v-5c0-3.1-1.6-5.6-4.5-6.3V4a1.5 1.5 0 0 0-3 0v.7C7.6 5.4 6 7.9 6 11v5l-2 2v1h16v-1z',
}

export function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** The text of an element; the same text again costs nothing. */
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text
}

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', ICONS[name])
  svg.append(path)
  return svg
}

function button(className, label, onclick) {
  const made = element('button', className)
  made.type = 'button'
  made.title = label
  made.setAttribute('aria-label', label)
  made.onclick = onclick
  return made
}

export class Row {
  constructor(grid, data) {
    this.grid = grid
    this.tr = element('tr')
    this.tr.setAttribute('role', 'row')
    this.fill(data)
  }

  /** The cells of these data; a field that is being typed in stays as it is. */
  fill(data) {
    this.data = data
    this.text = JSON.stringify(data)
    store.learn(data)
    const old = this.tr.querySelector(':scope > .quantity')
    const cells = this.grid.columns.map(name => (old && name === 'quantity' ? old : this.cell(name)))
    const kept = cells.findIndex(cell => cell.classList.contains('quantity'))
    if (old && kept >= 0) this.keepQuantity(old, cells, kept)
    else this.tr.replaceChildren(...cells)
    this.paint()
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
    this[`${name}Cell`](cell)
    return cell
  }

  productCell(cell) {
    const { data, grid } = this
    if (grid.pictures) cell.append(this.picture())
    const about = element('div', 'about')
    const link = element('a', 'name', data.name)
    link.href = `/product?product=${data.id}`
    link.onclick = event => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
      event.preventDefault()
      go(link.href)
    }
    const facts = element('div', 'facts')
    for (const fact of [data.sku, data.brand]) if (fact) facts.append(element('span', '', fact))
    for (const [kind, words, title] of data.badges ?? []) {
      const badge = element('span', `badge ${kind}`, words)
      if (title) badge.title = title
      facts.append(badge)
    }
    about.append(link, facts)
    cell.append(about)
    if (grid.can.favourite) cell.append(this.star())
  }

  picture() {
    const { data } = this
    const frame = element('span', 'picture', data.image ? undefined : (data.name.match(/\p{L}/u)?.[0] ?? '').toUpperCase())
    if (data.image) {
      const picture = element('img')
      picture.loading = 'lazy'
      picture.alt = ''
      picture.src = `/images/${data.image}/small`
      frame.append(picture)
    } else frame.setAttribute('aria-hidden', 'true')
    return frame
  }

  star() {
    const { data, grid } = this
    const star = button('star', `${grid.words.favourite}: ${data.name}`, () => {
      const on = star.getAttribute('aria-pressed') !== 'true'
      star.setAttribute('aria-pressed', on)
      grid.tell('favourite', data.id, on)
    })
    star.setAttribute('aria-pressed', Boolean(data.favourite))
    star.append(icon('star'))
    return star
  }

  priceCell(cell) {
    const { data, grid } = this
    const { words } = grid
    if (data.price == null) return
    const why = button('why', `${words.why}: ${data.name}`, () => grid.tell('why', data.id))
    why.append(element('b', '', grid.shownPrice(data.price, data.rate)))
    cell.append(why)
    if (data.off != null) {
      const before = element('div', 'before')
      const list = element('s', '', grid.shownPrice(data.list, data.rate))
      list.title = words.list_price
      before.append(list, element('span', 'off', `−${grid.write.percent(data.off)}`))
      cell.append(before)
    }
    const first = fitting(data, 1000)
    for (const [from, price] of data.breaks ?? []) {
      if (from <= first) continue // less than one can cost something else: counted, not shown
      const values = { quantity: grid.write.quantity(from), price: grid.shownPrice(price, data.rate) }
      cell.append(element('div', 'break', fill(words.from, values)))
    }
  }

  rrpCell(cell) {
    const { data, grid } = this
    if (data.rrp == null) return
    cell.dataset.label = grid.words.column_rrp
    cell.append(element('span', '', grid.shownPrice(data.rrp, data.rate)))
    if (data.margin == null) return
    cell.append(element('div', 'small', fill(grid.words.margin, { share: grid.write.percent(data.margin) })))
  }

  stockCell(cell) {
    const { data, grid } = this
    const [tone, words] = data.stock ?? ['', '']
    if (words) cell.append(element('span', `stock-is ${tone}`, words))
    if (data.expected) cell.append(element('div', 'small', data.expected))
    if (grid.can.wait && data.wait) {
      const bell = button('bell', `${grid.words.wait}: ${data.name}`, () => grid.tell('wait', data.id))
      bell.append(icon('bell'))
      cell.append(bell)
    }
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
    store.enter(id, fit, this.data.q, now)
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
    store.enter(this.data.id, this.before ?? this.quantity, this.data.q)
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

  words({ kind, quantity, available, typed }) {
    const { grid, data } = this
    const { words, write } = grid
    const figure = q => (q == null ? '' : write.quantity(q))
    if (kind === 'rounded' && data.multiple === 1000) kind = quantity > (data.least ?? 0) ? 'whole' : 'least'
    if (kind === 'rounded') kind = data.multiple ? 'multiple' : 'least'
    if (kind === 'short') kind = available == null ? 'short' : available > 0 ? 'left' : 'none_left'
    const values = { quantity: figure(quantity), available: figure(available), typed: typed ?? '' }
    return fill(words[kind] ?? '', values).replace('{multiple}', figure(data.multiple)).replace('{least}', figure(data.least))
  }
}
// VAT is shown with every price or with none; sums are counted on net prices (numbers.js).
export const grossPrice = (price, rate) => Math.round(withVat(price, rate) / 100) * 100

/** To another page of the portal, with one step in the browser's history: st.switch_page makes two, of which the first
 *  has this page's path and the other one's query, so that the way back would lose what was looked for. */
function go(href) {
  history.pushState({}, '', href)
  dispatchEvent(new PopStateEvent('popstate'))
}
