// The table of store paths.

/** So many rows are drawn before more are asked for. */
const ROWS = 60;

const hasLayers = report.layers.some((layer) => layer.storePaths.length > 0);
const hasFiles = storePaths.some((path) => path.files !== undefined);

/** Columns: title, what sorts them, and what is told. */
const COLUMNS = [
  { title: "Store path", key: (path) => path.name, cell: (_, number) => toPath(number) },
  { title: "Own", key: (path) => path.narSize, cell: (path) => size(path.narSize) },
  { title: "Closure", key: (path) => path.closureSize, cell: (path) => size(path.closureSize), wide: true },
  { title: "Added", key: (path) => path.addedSize, cell: (path) => bar(path.addedSize) },
  { title: "Files", key: (path) => path.files ?? 0, cell: (path) => count(path.files ?? 0), wide: true, hidden: !hasFiles },
  { title: "Layer", key: (path) => path.layer ?? -1, cell: (path) => (path.layer === undefined ? "" : String(path.layer + 1)), wide: true, hidden: !hasLayers },
  { title: "Referred to by", key: (path) => path.referrers.length, cell: referrers, wide: true, text: true },
].filter((column) => !column.hidden);

let sortedBy = 3;
let descending = true;
let rowsShown = ROWS;
let wanted = "";

const most = Math.max(1, ...storePaths.map((path) => path.addedSize));

/** A size with a bar as long as its share of the largest. */
function bar(bytes) {
  const line = make("span", { className: "bar" });
  line.style.width = `${(100 * bytes) / most}%`;
  return make("span", { className: "barred" }, make("span", { className: "track" }, line), make("span", {}, size(bytes)));
}

/** Who brings a store path: the argument that names it, and what refers to it. */
function referrers(path) {
  const words = make("span");
  if (path.argument) words.append(make("code", {}, shown(path.argument)));
  for (const number of path.referrers.slice(0, 2)) {
    if (words.childNodes.length > 0) words.append(", ");
    words.append(toPath(number));
  }
  if (path.referrers.length > 2) words.append(` and ${count(path.referrers.length - 2)} more`);
  return words;
}

function header(column, at) {
  const button = link(column.title, () => {
    descending = sortedBy === at ? !descending : at > 0;
    sortedBy = at;
    drawPaths();
  });
  const cell = make("th", { scope: "col", className: classOf(column, at) }, button);
  if (sortedBy === at) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
  return cell;
}

const classOf = (column, at) => `${at > 0 && !column.text ? "number" : ""} ${column.wide ? "wide" : ""}`;

/** The numbers of the store paths that are wanted, in order. */
function ordered() {
  const numbers = told.filter((number) => storePaths[number].name.toLowerCase().includes(wanted));
  const { key } = COLUMNS[sortedBy];
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  numbers.sort((a, b) => compare(key(storePaths[a]), key(storePaths[b])) * (descending ? -1 : 1) || a - b);
  return numbers;
}

/** Draws the table, of store paths whose names have what is looked for. */
function drawPaths() {
  const numbers = ordered();
  const head = make("thead", {}, make("tr", {}, ...COLUMNS.map(header)));
  const body = make("tbody");
  for (const number of numbers.slice(0, rowsShown)) {
    const path = storePaths[number];
    const row = make("tr", {}, ...COLUMNS.map((column, at) => make("td", { className: classOf(column, at) }, column.cell(path, number))));
    row.dataset.number = number;
    if (chosen?.owner === number) row.classList.add("chosen");
    body.append(row);
  }
  byId("paths").replaceChildren(head, body);
  const left = numbers.length - Math.min(rowsShown, numbers.length);
  const more = byId("more-paths");
  more.replaceChildren();
  if (numbers.length === 0) more.append("No store path has this in its name.");
  if (left > 0) {
    more.append(
      link(`Show ${counted(left, "more store path", "more store paths")}`, () => {
        rowsShown = Infinity;
        drawPaths();
      }),
    );
  }
}

/** Leaves in the table what has `text` in its name. */
function filterPaths(text) {
  wanted = text.toLowerCase();
  drawPaths();
}

listeners.push((part) => {
  for (const row of byId("paths").querySelectorAll("tr.chosen")) row.classList.remove("chosen");
  if (part?.owner !== undefined) byId("paths").querySelector(`tr[data-number="${part.owner}"]`)?.classList.add("chosen");
});

// Arrows go from row to row.
byId("paths").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = step && event.target.closest("tbody tr")?.[step];
  if (!next) return;
  next.querySelector("button")?.focus();
  event.preventDefault();
});
