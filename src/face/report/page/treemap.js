// The map: rectangles whose areas are bytes, each within the one of what has it.

const map = byId("map");

/** No more rectangles are drawn at once. */
const MOST = 1200;
/** What is narrower or lower than this is not drawn. */
const LEAST = 3;
/** The height of a title, and the edge around what is within. */
const TITLE = 18;
const EDGE = 2;
/** What is narrower, or half as high, shows nothing of what is within. */
const OPEN = 72;

/** What the map shows, and its rectangles: parts with their places. */
let shownPart = whole;
let cells = [];
let current = null;

/** Parts of a rectangle, in rows whose rectangles are as square as can be (Bruls, Huizing, van Wijk, 2000). */
function squares(parts, place) {
  const placed = [];
  let { x, y, w, h } = place;
  let left = parts.reduce((sum, part) => sum + part.bytes, 0);
  for (let first = 0; first < parts.length && left > 0 && w > 0 && h > 0; ) {
    const scale = (w * h) / left;
    const side = Math.min(w, h);
    let sum = 0;
    let worst = Infinity;
    let end = first;
    while (end < parts.length) {
      const next = sum + parts[end].bytes;
      const thick = (next * scale) / side;
      const ratio = (part) => {
        const long = (part.bytes * scale) / thick;
        return Math.max(long / thick, thick / long);
      };
      const now = Math.max(ratio(parts[first]), ratio(parts[end]));
      if (now > worst) break;
      [worst, sum, end] = [now, next, end + 1];
    }
    const thick = (sum * scale) / side;
    let along = 0;
    for (const part of parts.slice(first, end)) {
      const long = (part.bytes * scale) / thick;
      placed.push(w >= h ? { part, x, y: y + along, w: thick, h: long } : { part, x: x + along, y, w: long, h: thick });
      along += long;
    }
    if (w >= h) [x, w] = [x + thick, w - thick];
    else [y, h] = [y + thick, h - thick];
    left -= sum;
    first = end;
  }
  return placed;
}

/** The part whose parts are drawn in the place of `part`: below directories that have nothing but one other. */
function innermost(part) {
  let inner = part;
  while (inner.children?.length === 1 && inner.children[0].children) inner = inner.children[0];
  return inner;
}

/** What a rectangle is called: a store path by its name, a directory with those that are skipped. */
function labelOf({ part, opened }) {
  if (!opened || part.storePath !== undefined) return nameOf(part);
  return wayTo(innermost(part)).slice(wayTo(part).length - 1).map(nameOf).join("/");
}

/** Places what is in `part`, and in its parts where there is room, widest first. */
function layOut(part, place) {
  const found = [];
  const waiting = [{ part, depth: 0, hue: null, inner: place }];
  while (waiting.length > 0 && found.length < MOST) {
    const { part: above, depth, hue, inner } = waiting.shift();
    const parts = (above.children ?? []).filter((child) => child.bytes > 0);
    for (const [rank, cell] of squares(parts, inner).entries()) {
      if (cell.w < LEAST || cell.h < LEAST || found.length >= MOST) continue;
      Object.assign(cell, { depth, hue: hue ?? (cell.part.others === undefined ? rank % 9 : 9) });
      found.push(cell);
      const room = { x: cell.x + EDGE, y: cell.y + TITLE, w: cell.w - 2 * EDGE, h: cell.h - TITLE - EDGE };
      cell.opened = Boolean(cell.part.children) && room.w > OPEN && room.h > OPEN / 2;
      if (cell.opened) waiting.push({ part: innermost(cell.part), depth: depth + 1, hue: cell.hue, inner: room });
    }
  }
  return found;
}

function drawCell(cell, number) {
  const { part, x, y, w, h, depth, hue, opened } = cell;
  const label = `${plain(labelOf(cell))}, ${size(part.bytes)}, ${share(part.bytes, whole.bytes)}`;
  const element = make("div", { className: `cell hue${hue} depth${Math.min(depth, 3)}`, id: `cell${number}`, title: label });
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
  // Shares of the map fit paper, too.
  const [across, down] = [100 / map.clientWidth, 100 / map.clientHeight];
  Object.assign(element.style, { left: `${x * across}%`, top: `${y * down}%`, width: `${w * across}%`, height: `${h * down}%` });
  if (opened) element.classList.add("opened");
  if (part.owner !== undefined && storePaths[part.owner].place !== "packed") element.classList.add("elsewhere");
  if (w > 30 && h > 14) {
    element.append(make("span", { className: "label" }, shown(labelOf(cell))));
    if (opened ? w > 150 : h > 34 && w > 62) {
      element.append(make("span", { className: "weight" }, size(part.bytes)));
      element.classList.add("weighed");
    }
  } else element.classList.add("bare");
  element.dataset.number = number;
  return element;
}

/** Draws the part that is shown into the room that there is. */
function drawMap() {
  const place = { x: 0, y: 0, w: map.clientWidth, h: map.clientHeight };
  cells = layOut(shownPart, place);
  map.replaceChildren(...cells.map(drawCell));
  if (cells.length === 0) map.append(make("p", { className: "empty muted" }, "Nothing here has a size."));
  mark(cells.find((cell) => cell.part === chosen) ?? null);
  drawCrumbs();
}

function drawCrumbs() {
  const way = wayTo(shownPart);
  const words = way.map((part, at) => {
    const word = shown(part === whole ? "Image" : nameOf(part));
    if (at === way.length - 1) return make("span", { "aria-current": "location" }, word);
    return link(word, () => goTo(part));
  });
  words.push(make("span", { className: "muted" }, `${size(shownPart.bytes)}, ${share(shownPart.bytes, whole.bytes)}`));
  byId("crumbs").replaceChildren(...words);
}

/** Makes `cell` the one that keys act on. */
function mark(cell) {
  if (current) byId(`cell${cells.indexOf(current)}`)?.classList.remove("current");
  current = cell;
  const element = cell && byId(`cell${cells.indexOf(cell)}`);
  element?.classList.add("current");
  if (element) map.setAttribute("aria-activedescendant", element.id);
  else map.removeAttribute("aria-activedescendant");
}

/** Shows `part`, or what has it where nothing is within. */
function goTo(part) {
  shownPart = part.children ? part : (part.above ?? whole);
  choose(part);
}
listeners.push(drawMap);

map.addEventListener("click", (event) => {
  const cell = cells[event.target.closest(".cell")?.dataset.number];
  if (cell) (cell.part.children ? goTo : choose)(cell.part);
});

/** The nearest rectangle in a direction, of those beside the current one. */
function beside(dx, dy) {
  const depth = current?.depth ?? 0;
  const middle = (cell) => [cell.x + cell.w / 2, cell.y + cell.h / 2];
  const others = cells.filter((cell) => cell.depth === depth && cell !== current);
  if (!current) return others[0] ?? null;
  const [x, y] = middle(current);
  const far = (cell) => {
    const [a, b] = middle(cell);
    const along = (a - x) * dx + (b - y) * dy;
    return along <= 0 ? Infinity : along + 2 * Math.abs((a - x) * dy + (b - y) * dx);
  };
  const nearest = others.reduce((best, cell) => (far(cell) < far(best) ? cell : best), current);
  return nearest !== current && far(nearest) < Infinity ? nearest : current;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
map.addEventListener("keydown", (event) => {
  if (ARROWS[event.key]) {
    const next = beside(...ARROWS[event.key]);
    if (next) {
      choose(next.part);
      mark(next);
    }
  } else if (event.key === "Enter" && current) {
    const inside = current.part;
    (inside.children ? goTo : choose)(inside);
    if (inside.children && cells.length > 0) choose(cells[0].part);
  } else if (event.key === "Escape" || event.key === "Backspace") {
    const from = shownPart;
    if (from.above) {
      shownPart = from.above;
      choose(from);
    }
  } else return;
  event.preventDefault();
});
new ResizeObserver(() => drawMap()).observe(map);
