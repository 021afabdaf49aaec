"""Opens the pages of a site in a browser, as people do: page.py DIRECTORY [PICTURES].

Prints a line for each thing that holds, `ok` and its name, and for each that does not, `no`, its name and what was found.
With a second argument, pictures of the pages are left in that directory.
"""

import base64
import pathlib
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

# The contrast of texts with what is behind them (WCAG 2.1), the least of all that the selector finds.
CONTRAST = """
const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
  .map((share) => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4)
  .reduce((sum, share, at) => sum + share * [0.2126, 0.7152, 0.0722][at], 0);
const behind = (element) => {
  const [r, g, b, alpha = 1] = channels(getComputedStyle(element).backgroundColor);
  return alpha === 1 ? [r, g, b] : behind(element.parentElement);
};
return Math.min(...[...document.querySelectorAll(arguments[0])].filter((element) => element.textContent.trim()).map((element) => {
  const [low, high] = [light(behind(element)), light(channels(getComputedStyle(element).color))].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}));
"""


def holds(name, truth, found=""):
    print(f"ok {name}" if truth else f"no {name}: {found}".replace("\n", " "), flush=True)


def same(name, expected, found):
    holds(name, expected == found, f"expected {expected!r}, found {found!r}")


class Reader:
    def __init__(self, directory, pictures):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.directory, self.pictures = pathlib.Path(directory), pictures
        self.run = self.driver.execute_script

    def open(self, page, width=1280, height=1000, scheme="light"):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get((self.directory / page).as_uri())
        if self.pictures:
            data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            name = f"{page.replace('/', '-').removesuffix('.html')}-{scheme}-{width}.png"
            pathlib.Path(self.pictures, name).write_bytes(base64.b64decode(data))


def main(directory, pictures=None):
    reader = Reader(directory, pictures)
    run = reader.run
    try:
        grounds = set()
        for page in ("index.html", "web/index.html"):
            for scheme in ("light", "dark"):
                reader.open(page, scheme=scheme)
                grounds.add(run("return getComputedStyle(document.body).backgroundColor"))
                for selector, least in (("h1, h2, td.version, pre code", 7), (".quiet, th, td, a, .id code, .latest", 4.5)):
                    worst = run(CONTRAST, selector)
                    holds(f"{page}, {scheme}: {selector} can be read", worst >= least, worst)
                same(f"{page}, {scheme}: nothing is loaded", 0, run("return performance.getEntriesByType('resource').length"))
                same(f"{page}, {scheme}: nothing runs", 0, run("return document.scripts.length"))
            for width in (320, 390, 768, 1280):
                reader.open(page, width, 1200)
                found = run("return document.documentElement.scrollWidth")
                holds(f"{page}: {width} points are wide enough", found <= width, found)
            links = run("return [...document.querySelectorAll('a')].map((link) => link.href)")
            gone = [link for link in links if not pathlib.Path(link.removeprefix("file://")).exists()]
            same(f"{page}: its links lead to what is there", [], gone)
        same("the two schemes differ", 2, len(grounds))

        reader.open("index.html")
        same("an image has a section", ["team/data", "web"], run("return [...document.querySelectorAll('h2')].map((title) => title.textContent)"))
        code = "const code = document.querySelector(arguments[0]); getSelection().selectAllChildren(code); return getSelection().toString()"
        same("a command is copied as one line", "rkt trust --prefix=example.com/images", run(code, ".trust pre code"))
        copied = run("const id = document.querySelector('.id code'); getSelection().selectAllChildren(id); return getSelection().toString()")
        same("an ID is copied whole", len("sha512-") + 128, len(copied))
        reader.open("web/index.html")
        same("the page of an image has its versions, newest first", ["1.11", "1.10", "1.9"],
             run("return [...document.querySelectorAll('h2')].map((title) => title.textContent)"))
        same("the browser has nothing to say", [], [line["message"] for line in reader.driver.get_log("browser")])
    finally:
        reader.driver.quit()


main(*sys.argv[1:])
