// The cells of a product that only show: what it is, what it costs, how much of it there is.
import { button, element, icon } from './elements.js'
import { fill, fitting, withVat } from './numbers.js'

function product(row, cell) {
  const { data, grid } = row
  if (grid.pictures) cell.append(picture(row))
  const about = element('div', 'about')
  const link = element('a', 'name', data.name)
  link.href = `/product?product=${data.id}`
  link.onclick = event => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
    event.preventDefault()
    go(link.href, data.id)
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
  if (grid.can.favourite) cell.append(star(row))
}

function picture({ data }) {
  const frame = element('span', 'picture', data.image ? undefined : (data.name.match(/\p{L}/u)?.[0] ?? '').toUpperCase())
  if (data.image) {
    const image = element('img')
    image.loading = 'lazy'
    image.alt = ''
    image.src = `/images/${data.image}/small`
    frame.append(image)
  } else frame.setAttribute('aria-hidden', 'true')
  return frame
}

function star({ data, grid }) {
  const made = button('star', `${grid.words.favourite}: ${data.name}`, () => {
    const on = made.getAttribute('aria-pressed') !== 'true'
    made.setAttribute('aria-pressed', on)
    grid.tell('favourite', data.id, on)
  })
  made.setAttribute('aria-pressed', Boolean(data.favourite))
  made.append(icon('star'))
  return made
}

function price(row, cell) {
  const { data, grid } = row
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

function rrp(row, cell) {
  const { data, grid } = row
  if (data.rrp == null) return
  cell.dataset.label = grid.words.column_rrp
  cell.append(element('span', '', grid.shownPrice(data.rrp, data.rate)))
  if (data.margin == null) return
  cell.append(element('div', 'small', fill(grid.words.margin, { share: grid.write.percent(data.margin) })))
}

function stock(row, cell) {
  const { data, grid } = row
  const [tone, words] = data.stock ?? ['', '']
  if (words) cell.append(element('span', `stock-is ${tone}`, words))
  if (data.expected) cell.append(element('div', 'small', data.expected))
  if (grid.can.wait && data.wait) {
    const bell = button('bell', `${grid.words.wait}: ${data.name}`, () => grid.tell('wait', data.id))
    bell.append(icon('bell'))
    cell.append(bell)
  }
}

export const cells = { product, price, rrp, stock }

/** The product that was opened last from each address. */
export const opened = new Map()

// VAT is shown with every price or with none; sums are counted on net prices (numbers.js).
export const grossPrice = (price, rate) => Math.round(withVat(price, rate) / 100) * 100

/** To another page of the portal, with one step in the browser's history: st.switch_page makes two, of which the first
 *  has this page's path and the other one's query, so that the way back would lose what was looked for. The way back leads to the product. */
function go(href, id) {
  opened.set(location.href, id)
  history.pushState({}, '', href)
  dispatchEvent(new PopStateEvent('popstate'))
}
