"""A browser in which tests use pages as people do, and how they tell what they find.

A test prints a line for each thing that holds, `ok` and its name, and for each that does not, `no`, its name and what was
found.
"""

import base64
import pathlib

from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

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

    def __init__(self, directory, pictures=None, page=""):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.directory, self.page, self.pictures = pathlib.Path(directory), page, pictures

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def open(self, name, width=1440, height=1000, scheme="light"):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.get((self.directory / name / self.page).as_uri())
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
