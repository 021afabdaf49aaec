// The facts of the report, and the parts of the image as one tree.

const report = JSON.parse(byId("report").textContent);
const storePaths = report.storePaths;

/** The numbers of the store paths that are told of: not of those whose files are copied and which bring nothing. */
const told = storePaths.map((_, number) => number).filter((number) => storePaths[number].place !== "copied" || storePaths[number].addedSize > 0);

/** The whole image: the part above all others. */
const whole = {
  name: report.image.name,
  bytes: report.tree.reduce((sum, part) => sum + part.bytes, 0),
  files: report.tree.reduce((sum, part) => sum + part.files, 0),
  children: report.tree,
  above: null,
};
whole.children.sort((a, b) => b.bytes - a.bytes);

/** The part that each store path is, by its number. */
const partOf = new Map();

// Every part knows what is above it, and in which store path it is.
for (const waiting = [whole]; waiting.length > 0; ) {
  const part = waiting.pop();
  for (const child of part.children ?? []) {
    child.above = part;
    child.owner = child.storePath ?? part.owner;
    if (child.storePath !== undefined) partOf.set(child.storePath, child);
    waiting.push(child);
  }
}

/** What a part is called, without its way. */
function nameOf(part) {
  if (part.storePath !== undefined) return storePaths[part.storePath].name;
  if (part.others !== undefined) return `${count(part.others)} small ones`;
  return part.name;
}

/** The parts above one, highest first, itself included. */
function wayTo(part) {
  const way = [];
  for (let here = part; here; here = here.above) way.unshift(here);
  return way;
}

/** The path of a part below the store path or the root that has it. */
const innerPath = (part) => wayTo(part).slice(2).map(nameOf).join("/");

/** The whole path of a part. */
function pathOf(part) {
  if (part === whole) return "/";
  const inner = innerPath(part);
  const top = part.owner === undefined ? "" : storePaths[part.owner].path;
  return inner === "" ? top || nameOf(part) : `${top}/${inner}`;
}

/** The part at a path below a store path, or the nearest one above it that is told of. */
function partAt(owner, path) {
  let part = owner === undefined ? whole.children.find((top) => top.storePath === undefined) : partOf.get(owner);
  for (const name of path.split("/").filter((name) => name !== "")) {
    const next = part?.children?.find((child) => child.name === name);
    if (!next) break;
    part = next;
  }
  return part ?? whole;
}

/** The part at a whole path within a store path. */
const fileAt = (owner, path) => partAt(owner, path.slice(storePaths[owner].path.length));

/** Store paths of one name are told apart by the beginning of their hashes. */
const sameName = new Map();
for (const { name } of storePaths) sameName.set(name, (sameName.get(name) ?? 0) + 1);

/** The name of a store path, as people call it. */
function titleOf(number) {
  const { name, path } = storePaths[number];
  if (sameName.get(name) === 1) return name;
  const hash = path.slice(path.length - name.length - 33, path.length - name.length - 26);
  return `${name} [${hash}…]`;
}

/** Who hears of a part that was chosen: by number or by part. */
const listeners = [];

/** The part that was chosen last. */
let chosen = null;

/** Tells all that `part` is what the reader looks at. */
function choose(part) {
  chosen = part;
  for (const listener of listeners) listener(part);
}
