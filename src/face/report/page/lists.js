// Lists: figures, the largest files, equal content, programs, and how the image runs.

/** A list of which a part is told until more is asked for. */
function folded(items, number, draw, properties = { className: "plain" }) {
  const list = make("ul", properties, ...items.slice(0, number).map(draw));
  const box = make("div", {}, list);
  if (items.length > number) {
    const more = link(`Show ${count(items.length - number)} more`, () => {
      list.append(...items.slice(number).map(draw));
      more.remove();
    });
    box.append(more);
  }
  return box;
}

const section = (title, ...content) => make("section", {}, make("h2", {}, title), ...content);

function drawFigures() {
  const { totals, equal, image } = report;
  const elsewhere = image.kind === "thin" ? "mounted from the host" : "in images below";
  const figures = [
    [size(totals.bytes), "unpacked"],
    [count(totals.storePaths), totals.storePaths === 1 ? "store path" : "store paths"],
    totals.files === undefined ? null : [count(totals.files), totals.files === 1 ? "file" : "files"],
    [size(totals.ownBytes), "in files of its own"],
    totals.bytesElsewhere > 0 ? [size(totals.bytesElsewhere), elsewhere] : null,
    equal ? [size(equal.wasted), "wasted on equal content"] : null,
    report.layers.length > 0 ? [count(report.layers.length), "layers"] : null,
  ];
  if (totals.bytesElsewhere > 0) byId("hint").append(` What is ${elsewhere} is hatched.`);
  const cards = figures.filter((figure) => figure !== null);
  byId("figures").replaceChildren(...cards.map(([value, title]) => make("div", {}, make("dt", {}, title), make("dd", {}, value))));
}

function drawLargest() {
  const line = ({ storePath, path, bytes }) => {
    const inner = path === "" ? [] : [make("span", { className: "muted" }, "/"), shown(path.replace(/^\//, ""))];
    const owner = storePath === undefined ? [] : [make("span", { className: "muted" }, shown(titleOf(storePath)))];
    const name = make("span", { className: "name" }, ...owner, ...inner);
    return make("li", {}, link(name, () => goTo(partAt(storePath, path))), make("span", { className: "amount" }, size(bytes)));
  };
  return section("Largest files", folded(report.largest, 10, line));
}

function drawEqual() {
  const { equal } = report;
  if (equal.contents === 0) return section("Equal content", make("p", { className: "muted" }, "No two store paths have a file in common."));
  const group = ({ storePaths: owners, wasted, contents, largest }) => {
    const words = make("span");
    for (const [at, number] of owners.slice(0, 4).entries()) words.append(at > 0 ? ", " : "", toPath(number));
    if (owners.length > 4) words.append(` and ${count(owners.length - 4)} more`);
    const examples = largest.slice(0, 3).map(({ files, bytes, copies }) =>
      make("div", { className: "muted example" }, shown(files[0] || "the file itself"), ` ${size(bytes)}, ${count(copies)} times`),
    );
    const name = make("span", { className: "name" }, words, ...examples);
    return make("li", {}, name, make("span", { className: "amount" }, `${size(wasted)}`, make("span", { className: "muted" }, counted(contents, "file", "files"))));
  };
  const text = `${counted(equal.contents, "content is", "contents are")} in several store paths, and ${size(equal.wasted)} would be saved if each were there once.`;
  return section("Equal content", make("p", { className: "muted" }, text), folded(equal.groups, 8, group));
}

function drawPrograms() {
  const { programs } = report;
  if (programs.length === 0) return section("Programs", make("p", { className: "muted" }, "There are none in /bin and the like."));
  const folder = ({ path }) => path.slice(0, path.lastIndexOf("/"));
  const program = ({ path, file, storePath }) => {
    const name = shown(path.slice(path.lastIndexOf("/") + 1));
    return make("li", {}, link(name, () => goTo(storePath === undefined ? partAt(undefined, file) : fileAt(storePath, file)), { title: plain(file) }));
  };
  const folders = [...new Set(programs.map(folder))];
  const content = folders.flatMap((name) => {
    const within = programs.filter((one) => folder(one) === name);
    return [make("h4", {}, shown(name), ` (${count(within.length)})`), folded(within, 80, program, { className: "plain words" })];
  });
  return section("Programs", ...content);
}

function drawLayers() {
  const layer = ({ title, below, bytes, storePaths: numbers }, at) => {
    const what = below ? "of an image below" : numbers.length > 0 ? size(bytes) : "";
    const name = make("span", { className: "name" }, shown(title));
    if (numbers.length > 0) name.append(make("span", { className: "muted" }, ` ${counted(numbers.length, "store path", "store paths")}`));
    return make("li", {}, make("span", { className: "muted rank" }, String(at + 1)), name, make("span", { className: "amount" }, what));
  };
  return section("Layers", make("p", { className: "muted" }, "Lowest first; sizes are unpacked."), folded(report.layers, 10, layer));
}

/** A table of few rows, or a word where there are none. */
function table(title, columns, lines, none) {
  if (lines.length === 0) return make("div", {}, make("h3", {}, title), make("p", { className: "muted" }, none));
  const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, column)));
  const row = (cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, shown(String(cell)))));
  const body = make("tbody", {}, ...lines.map(row));
  return make("div", {}, make("h3", {}, title), make("div", { className: "scroll" }, make("table", {}, make("thead", {}, head), body)));
}

function drawFacts() {
  const { image, accounts, manifest } = report;
  const range = ({ first, last }) => (first === last ? String(first) : `${first} to ${last}`);
  const ports = image.ports.map((port) => [port.name, range(port), port.protocol]);
  const mounts = image.mounts.map((mount) => [mount.name, mount.path, mount.readOnly ? "read-only" : "writable"]);
  const users = accounts.map((account) => [account.name, account.uid, account.gid, account.home]);
  const groups = image.supplementaryGIDs.length > 0 ? `, further groups ${image.supplementaryGIDs.join(" ")}` : "";
  const command = image.runs.length > 0 ? make("code", { className: "command" }, shown(image.runs.map(quoted).join(" "))) : make("span", { className: "muted" }, "It names no program.");
  const text = make("pre", { tabIndex: 0 });
  for (const line of JSON.stringify(manifest, null, 2).split("\n")) text.append(shown(line), "\n");
  byId("facts").replaceChildren(
    make("div", {}, make("h3", {}, "Program"), make("p", {}, command), make("p", { className: "muted" }, "as ", shown(`${image.user}:${image.group}`), groups)),
    table("Ports", ["name", "port", "protocol"], ports, "It names none."),
    table("Mounts", ["name", "path", ""], mounts, "It names none."),
    table("Users", ["name", "uid", "gid", "home"], users, "There is no /etc/passwd that can be read."),
    make("details", { className: "manifest" }, make("summary", {}, image.form === "oci" ? "Configuration" : "Manifest"), text),
  );
}

/** A word of a command, as a shell would need it. */
const quoted = (word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function drawLists() {
  const lists = [report.largest ? drawLargest() : null, report.equal ? drawEqual() : null, drawConcerns(), drawPrograms(), report.layers.length > 0 ? drawLayers() : null];
  byId("lists").replaceChildren(...lists.filter((list) => list !== null));
}
