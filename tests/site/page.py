"""Opens the pages of a site in a browser, as people do: page.py DIRECTORY [PICTURES].

Prints a line for each thing that holds, `ok` and its name, and for each that does not, `no`, its name and what was found.
With a second argument, pictures of the pages are left in that directory.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from browser import CONTRAST, Reader, holds, same  # noqa: E402


def main(directory, pictures=None):
    reader = Reader(directory, pictures)
    run = reader.run

    def shown(page, width=1280, height=1000, scheme="light"):
        reader.open(page, width, height, scheme)
        reader.picture(f"{page.replace('/', '-').removesuffix('.html')}-{scheme}-{width}")

    try:
        grounds = set()
        for page in ("index.html", "web/index.html"):
            for scheme in ("light", "dark"):
                shown(page, scheme=scheme)
                grounds.add(run("return getComputedStyle(document.body).backgroundColor"))
                for selector, least in (("h1, h2, td.version, pre code", 7), (".quiet, th, td, a, .id code, .latest", 4.5)):
                    worst = min(run(CONTRAST, selector))
                    holds(f"{page}, {scheme}: {selector} can be read", worst >= least, worst)
                same(f"{page}, {scheme}: nothing is loaded", 0, run("return performance.getEntriesByType('resource').length"))
                same(f"{page}, {scheme}: nothing runs", 0, run("return document.scripts.length"))
            for width in (320, 390, 768, 1280):
                shown(page, width, 1200)
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
