/**
 * The bundled demo target: a small document server without the network. It makes orders, parses them, joins them with
 * a catalogue, sorts, renders a page and searches it; makes garbage; and rests a little. So there is something to see
 * in every view. Ends with its parent, or after ten minutes.
 */

const lifeMs = 10 * 60 * 1000;
const parentPid = process.ppid;
const words =
  "amber basil cedar delta ember fjord grove haven isle juniper kelp linden maple north opal".split(" ");

let seed = 42;
function random(limit) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed % limit;
}

function writeOrders(count) {
  const lines = [];
  for (let i = 0; i < count; i++) {
    const name = `${words[random(words.length)]} ${words[random(words.length)]}`;
    lines.push(
      JSON.stringify({
        id: i,
        name,
        price: random(10_000) / 100,
        amount: 1 + random(9),
        tags: [name, "new"],
      }),
    );
  }
  return lines.join("\n");
}

function parseOrders(text) {
  return text.split("\n").map((line) => JSON.parse(line));
}

function buildCatalogue(orders) {
  const catalogue = new Map();
  for (const order of orders) {
    const entry = catalogue.get(order.name) ?? { name: order.name, sold: 0, revenue: 0 };
    entry.sold += order.amount;
    entry.revenue += order.amount * order.price;
    catalogue.set(order.name, entry);
  }
  return catalogue;
}

function joinOrders(orders, catalogue) {
  return orders.map((order) => ({
    ...order,
    ...catalogue.get(order.name),
    share: order.amount / catalogue.size,
  }));
}

function compareRows(left, right) {
  return right.revenue - left.revenue || left.name.localeCompare(right.name) || left.id - right.id;
}

function sortRows(rows) {
  return rows.sort(compareRows);
}

function escapeText(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function renderRow(row) {
  return `<tr><td>${escapeText(row.name)}</td><td>${row.price.toFixed(2)}</td><td>${row.revenue.toFixed(2)}</td></tr>`;
}

function renderPage(rows) {
  return `<table>${rows.map(renderRow).join("")}</table>`;
}

function checksum(text) {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

function searchPage(page) {
  let found = 0;
  for (const word of words) found += page.split(word).length - 1;
  return found;
}

const history = [];
function remember(page) {
  history.push({ page, at: Date.now() });
  if (history.length > 40) history.splice(0, 20);
}

function handleRequest() {
  const orders = parseOrders(writeOrders(1500));
  const rows = sortRows(joinOrders(orders, buildCatalogue(orders)));
  const page = renderPage(rows);
  remember(page);
  return checksum(page) + searchPage(page);
}

let served = 0;
const startedAt = Date.now();
function serve() {
  if (process.ppid !== parentPid || Date.now() - startedAt > lifeMs) return;
  handleRequest();
  served++;
  if (served % 200 === 0) process.stdout.write(`served ${served} pages\n`);
  // A burst, then a rest: the timeline should not be a block.
  setTimeout(serve, served % 25 === 0 ? 120 : 2);
}

// A closed pipe means that nobody listens any more.
process.stdout.on("error", () => process.exit(0));
process.title = "flame-demo";
process.stdout.write(`ready ${process.pid}\n`);
serve();
