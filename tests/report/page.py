"""Uses the pages of reports in a browser, as people do: page.py DIRECTORY, in which there are nginx, generic, hostile and large.

Prints a line for each thing that holds, `ok` and its name, and for each that does not, `no`, its name and what was found.
With a second argument, pictures of the pages are left in that directory.
"""

import base64
import pathlib
import sys

from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

# What a reader waits for: the page, and the answer to a click.
OPENED, ANSWERED = 1000, 100

# The contrast of a colour with what is behind it (WCAG 2.1), whatever the browser calls the colours.
CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const pixel = (...colours) => {
  canvas.clearRect(0, 0, 1, 1);
  for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
};
const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const behind = (element) => {
  const colours = [];
  for (let here = element; here; here = here.parentElement) colours.unshift(getComputedStyle(here).backgroundColor);
  return colours;
};
return [...document.querySelectorAll(arguments[0])].filter((element) => element.textContent.trim() !== "").map((element) => {
  const ground = behind(element);
  const lights = [light(pixel(...ground)), light(pixel(...ground, getComputedStyle(element).color))].sort((a, b) => b - a);
  return (lights[0] + 0.05) / (lights[1] + 0.05);
});
"""


class Reader:
    """A browser, and what it finds."""

    def __init__(self, directory, pictures):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.directory, self.pictures = pathlib.Path(directory), pictures

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def open(self, name, width=1440, height=1000, scheme="light"):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.get((self.directory / name / "report.html").as_uri())
        self.settle()

    def settle(self):
        """Waits until what was changed is drawn."""
        self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))")

    def picture(self, name):
        if self.pictures:
            data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            pathlib.Path(self.pictures, f"{name}.png").write_bytes(base64.b64decode(data))

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def keys(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
        self.settle()

    def click(self, text, selector):
        """Clicks the element with this selector whose text has `text`, with the pointer."""
        for element in self.driver.find_elements(By.CSS_SELECTOR, selector):
            if text in element.text:
                element.click()
                self.settle()
                return
        raise LookupError(f"nothing like {selector} says {text}")


def holds(name, truth, found=""):
    print(f"ok {name}" if truth else f"no {name}: {found}".replace("\n", " "), flush=True)


def same(name, expected, found):
    holds(name, expected == found, f"expected {expected!r}, found {found!r}")


def whole(reader):
    reader.open("nginx")
    reader.picture("light")
    same("nothing is loaded", 0, reader.run("return performance.getEntriesByType('resource').length"))
    same("the title names the image", "nginx", reader.text("h1").split()[0])
    areas = reader.run("""
        return cells.filter((cell) => cell.depth === 0).map((cell) => [cell.part.bytes, cell.w * cell.h])""")
    bytes_, all_ = sum(size for size, _ in areas), sum(area for _, area in areas)
    worst = max(abs(size / bytes_ - area / all_) for size, area in areas)
    holds("areas are bytes", worst < 0.001, worst)
    worst = reader.run("""
        const share = ({ dataset }) => storePaths[dataset.number].addedSize / most;
        const drawn = (row) => row.querySelector(".bar").offsetWidth / row.querySelector(".track").offsetWidth;
        return Math.max(...[...document.querySelectorAll("#paths tbody tr")].map((row) => Math.abs(share(row) - drawn(row))))""")
    holds("bars are as long as what they tell is large", worst < 0.03, worst)
    found = reader.run("""
        const inside = (a, b) => b.x < a.x - 0.01 || b.y < a.y - 0.01 || b.x + b.w > a.x + a.w + 0.01 || b.y + b.h > a.y + a.h + 0.01;
        return cells.filter((cell) => cell.depth > 0).filter((cell) => {
          const way = wayTo(cell.part);
          const above = cells.find((other) => other !== cell && other.depth === cell.depth - 1 && way.includes(other.part));
          return !above || inside(above, cell);
        }).length""")
    same("each rectangle is within that of what has it", 0, found)


def pointer(reader):
    reader.open("nginx")
    reader.click("libssl3", ".cell.depth0 > .label")
    holds("a click goes into a store path", "libssl3" in reader.text("#crumbs [aria-current]"), reader.text("#crumbs"))
    holds("and tells of it", "libssl3" in reader.text("#details h3"), reader.text("#details h3"))
    chain = reader.run("return [...document.querySelectorAll('.chain li')].map((item) => item.textContent)")
    holds("and the chain that brings it", len(chain) == 3 and "packages" in chain[0] and "nginx" in chain[1] and "libssl3" in chain[2], chain)
    reader.picture("chain")
    reader.click("nginx", ".chain .link")
    holds("a name of the chain leads on", "nginx" in reader.text("#details h3"), reader.text("#details h3"))
    reader.click("Image", "#crumbs .link")
    same("the image leads back", "Image", reader.text("#crumbs [aria-current]"))
    reader.click("Own", "#paths th .link")
    order = reader.run("return [...document.querySelectorAll('#paths tbody tr')].map((row) => storePaths[row.dataset.number].narSize)")
    same("a title sorts the table", sorted(order, reverse=True), order)
    same("and says so", "descending", reader.run("return document.querySelector('#paths th:nth-child(2)').ariaSort"))
    reader.click("Own", "#paths th .link")
    order = reader.run("return [...document.querySelectorAll('#paths tbody tr')].map((row) => storePaths[row.dataset.number].narSize)")
    same("and the other way round", sorted(order), order)


def keyboard(reader):
    reader.open("nginx")
    reader.keys("/")
    same("a slash goes to the search", "search", reader.run("return document.activeElement.id"))
    reader.keys(*"libssl")
    same("the table has what is looked for", 1, reader.run("return document.querySelectorAll('#paths tbody tr').length"))
    holds("so has the list", "libssl3" in reader.text(".option"), reader.text("#found"))
    reader.picture("search")
    reader.keys(Keys.ARROW_DOWN, Keys.ENTER)
    holds("Enter goes there", "libssl3" in reader.text("#details h3"), reader.text("#details h3"))
    same("and to the map", "map", reader.run("return document.activeElement.id"))
    reader.keys(Keys.ESCAPE)
    same("Escape goes out", "Image", reader.text("#crumbs [aria-current]"))
    holds("and leaves a rectangle to go on from", reader.run("return current !== null && map.getAttribute('aria-activedescendant') !== null"))
    before = reader.run("return nameOf(current.part)")
    reader.keys(Keys.ARROW_LEFT)
    after = reader.run("return nameOf(current.part)")
    holds("arrows move", before != after, before)
    reader.keys(Keys.ENTER)
    holds("Enter goes in", after in reader.text("#crumbs"), reader.text("#crumbs"))
    reader.keys(Keys.ESCAPE, Keys.ESCAPE)
    same("Escape goes out to the image and no further", "Image", reader.text("#crumbs [aria-current]"))
    reader.keys("/")
    reader.keys(*"nothing is called so")
    holds("what is not there is told", "0 found" in reader.text("#found"), reader.text("#found"))
    reader.keys(Keys.ESCAPE)
    holds("Escape ends the search", reader.run("return found.hidden && input.value === '' && document.querySelectorAll('#paths tbody tr').length > 1"))
    unreached = reader.run("return [...document.querySelectorAll('[tabindex]')].filter((element) => element.tabIndex > 0).length")
    same("the order of Tab is that of the page", 0, unreached)


def colours(reader):
    grounds = set()
    for scheme in ("light", "dark"):
        for name in ("nginx", "generic"):
            reader.open(name, scheme=scheme)
            for selector, least in (("h1, h2, td, dd", 7), (".muted", 4.5), (".link", 4.5), (".label", 4.5)):
                worst = min(reader.run(CONTRAST, selector))
                holds(f"{scheme}: {selector} of {name} can be read", worst >= least, worst)
            reader.picture(f"{name}-{scheme}")
        grounds.add(reader.run("return getComputedStyle(document.body).backgroundColor"))
    same("the two schemes differ", 2, len(grounds))


def phone(reader):
    for name in ("nginx", "nginx-short", "nginx-thin", "generic", "based-oci", "hostile", "large"):
        reader.open(name, 390, 844, "dark")
        width = reader.run("return document.documentElement.scrollWidth")
        holds(f"{name}: a phone shows it without going sideways", width <= 390, width)
    reader.open("generic", 390, 844)
    reader.picture("phone")
    reader.click("glibc", ".cell.depth0 > .label")
    holds("a finger goes in", "glibc" in reader.text("#crumbs [aria-current]"), reader.text("#crumbs"))


def paper(reader):
    reader.open("generic", scheme="dark")
    sheet = {"printBackground": True, "paperWidth": 8.27, "paperHeight": 11.69}
    pdf = base64.b64decode(reader.driver.execute_cdp_cmd("Page.printToPDF", sheet)["data"])
    pages = pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page/") + pdf.count(b"/Type /Page ")
    holds("it can be printed", pdf.startswith(b"%PDF") and 2 <= pages <= 12, f"{pages} pages")
    if reader.pictures:
        pathlib.Path(reader.pictures, "print.pdf").write_bytes(pdf)
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    same("paper is white", "rgb(255, 255, 255)", reader.run("return getComputedStyle(document.body).backgroundColor"))
    same("and has no search", "none", reader.run("return getComputedStyle(document.querySelector('.search')).display"))
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def names(reader):
    reader.open("hostile")
    reader.run("document.querySelector('details').open = true; goTo(partOf.get(storePaths.findIndex((path) => path.name === 'hostile-1')))")
    reader.settle()
    reader.picture("hostile")
    same("no name became a picture", 0, reader.run("return document.images.length"))
    same("nor a script", 2, reader.run("return document.scripts.length"))
    same("nor bold", 0, reader.run("return [...document.querySelectorAll('b')].filter((bold) => bold.textContent === 'old').length"))
    for text, told in (
        ("script>", "script><img src=x onerror=alert(1)>"),
        ("<img", "<img src=x onerror=alert(1)>"),
        ("gnp", "U+202Egnp.exe"),
        ("red", "U+001B[31mred"),
        ("__proto__", "__proto__"),
        ("constructor", "constructor"),
        ("&amp;", "&amp;"),
    ):
        reader.keys("/")
        reader.keys(*text)
        found = reader.run("return [...document.querySelectorAll('.option .name')].map((name) => name.textContent)")
        holds(f"{text} is found and told", any(told in name for name in found), found[:5])
        reader.keys(Keys.ESCAPE)


def speed(reader):
    times = []
    for _ in range(3):
        reader.open("large")
        times.append(reader.run("return performance.getEntriesByType('navigation')[0].loadEventEnd"))
    holds(f"a large report opens in {min(times):.0f} ms", min(times) < OPENED, times)
    number = reader.run("return storePaths.length")
    same("it has its store paths", 1000, number)
    click = """
        const done = arguments[1], began = performance.now();
        eval?.(arguments[0]);
        requestAnimationFrame(() => { const drawn = new MessageChannel(); drawn.port1.onmessage = () => done(performance.now() - began); drawn.port2.postMessage(0); });
    """
    clicks = {
        "a click on the map": "document.querySelectorAll('.cell.depth0')[0].click()",
        "going out": "map.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))",
        "sorting": "document.querySelector('#paths th:nth-child(3) .link').click()",
        "the first letter of a search": "input.value = 'p'; input.dispatchEvent(new Event('input'))",
        "the next letters": "input.value = 'package99'; input.dispatchEvent(new Event('input'))",
        "a name of the table": "document.querySelector('#paths tbody .link').click()",
    }
    for name, action in clicks.items():
        # The policy of the page forbids texts that become scripts, so each is given as a function.
        script = click.replace("eval?.(arguments[0]);", action + ";").replace("arguments[1]", "arguments[0]")
        times = [reader.driver.execute_async_script(script) for _ in range(3)]
        holds(f"{name} is answered in {min(times):.0f} ms", min(times) < ANSWERED, times)


def main(directory, pictures=None):
    reader = Reader(directory, pictures)
    try:
        for part in (whole, pointer, keyboard, colours, phone, paper, names, speed):
            try:
                part(reader)
            except Exception as error:  # what fails otherwise is told as well
                holds(f"{part.__name__}: goes on to its end", False, repr(error)[:500])
        said = [line["message"] for line in reader.driver.get_log("browser")]
        same("the browser has nothing to say", [], said)
    finally:
        reader.driver.quit()


main(*sys.argv[1:])
