// Details of what was chosen: what it weighs, and the chain of references that brings it.

/** So many store paths of a list are told at once. */
const TOLD = 12;

/** A store path as a word that leads to it. */
const toPath = (number) => link(shown(titleOf(number)), () => goTo(partOf.get(number) ?? lost(number)));

/** What stands for a store path that has no part, since files of it are copied only. */
const lost = (number) => ({ storePath: number, owner: number, bytes: 0, files: 0, above: whole });

function listed(title, numbers) {
  if (numbers.length === 0) return null;
  const byWeight = [...numbers].sort((a, b) => storePaths[b].addedSize - storePaths[a].addedSize);
  const list = make("ul", { className: "plain" });
  const add = (some) => list.append(...some.map((number) => make("li", {}, toPath(number), make("span", { className: "muted" }, size(storePaths[number].narSize)))));
  add(byWeight.slice(0, TOLD));
  const box = make("div", {}, make("h4", {}, `${title} (${count(numbers.length)})`), list);
  if (byWeight.length > TOLD) {
    const more = link(`${count(byWeight.length - TOLD)} more`, () => {
      add(byWeight.slice(TOLD));
      more.remove();
    });
    box.append(more);
  }
  return box;
}

/** The shortest chain of references to a store path, from the argument that begins it. */
function chainTo(number) {
  const { chain } = storePaths[number];
  const first = storePaths[chain[0]].argument;
  const list = make("ol", { className: "chain" });
  if (first) list.append(make("li", { className: "argument" }, make("code", {}, shown(first)), " names"));
  for (const [at, link] of chain.entries()) {
    const word = link === number ? make("b", {}, shown(titleOf(link))) : toPath(link);
    list.append(make("li", {}, word, make("span", { className: "muted" }, at < chain.length - 1 ? " refers to" : "")));
  }
  return make("div", {}, make("h4", {}, "Why it is here"), list);
}

const PLACES = {
  packed: "in the image",
  below: "in an image below",
  mounted: "mounted from the host",
  copied: "not in the image; files of it are copied",
};

function rows(pairs) {
  const list = make("dl", { className: "rows" });
  for (const [name, value] of pairs.filter(([, value]) => value !== null && value !== undefined)) {
    list.append(make("dt", {}, name), make("dd", {}, value));
  }
  return list;
}

function ofStorePath(number) {
  const path = storePaths[number];
  const layer = path.layer === undefined ? null : `${path.layer + 1} of ${report.layers.length}`;
  const place = path.image ? make("span", {}, "in the image ", shown(path.image)) : PLACES[path.place];
  const sum = report.totals.bytes;
  return [
    make("h3", {}, shown(titleOf(number))),
    make("p", { className: "path" }, shown(path.path)),
    rows([
      ["own size", size(path.narSize)],
      ["with its closure", size(path.closureSize)],
      ["added by it", `${size(path.addedSize)}, ${share(path.addedSize, sum)}`],
      ["files", path.files === undefined ? null : count(path.files)],
      ["where", place],
      ["layer", layer],
      ["only because of", path.onlyBy === undefined ? null : toPath(path.onlyBy)],
    ]),
    chainTo(number),
    listed("Referred to by", path.referrers),
    listed("Refers to", path.references),
  ];
}

function ofPart(part) {
  const kind = part.others !== undefined ? "small ones" : part.children || part.files > 1 ? "directory" : "file";
  const owner = part.owner === undefined ? null : toPath(part.owner);
  return [
    make("h3", {}, shown(nameOf(part))),
    make("p", { className: "path" }, shown(part.others === undefined ? pathOf(part) : pathOf(part.above))),
    rows([
      [kind, `${size(part.bytes)}, ${share(part.bytes, whole.bytes)}`],
      ["files", kind === "file" ? null : count(part.files)],
      ["store path", owner ?? "none: it is the image's own"],
    ]),
    part.owner === undefined ? null : chainTo(part.owner),
  ];
}

/** What is told before anything is chosen: what adds most. */
function overview() {
  const numbers = [...told].sort((a, b) => storePaths[b].addedSize - storePaths[a].addedSize);
  const list = make("ol", { className: "plain" });
  for (const number of numbers.slice(0, 8)) {
    list.append(make("li", {}, toPath(number), make("span", { className: "muted" }, size(storePaths[number].addedSize))));
  }
  return [
    make("h3", {}, "What would vanish"),
    make("p", { className: "muted" }, "Without one of these store paths, so much would not be here. Choose one, or a part of the map, to see why it is."),
    list,
  ];
}

function drawDetails(part) {
  let content;
  if (!part || part === whole) content = overview();
  else if (part.storePath !== undefined) content = ofStorePath(part.storePath);
  else content = ofPart(part);
  byId("details").replaceChildren(...content.filter((child) => child !== null));
}
listeners.push(drawDetails);
