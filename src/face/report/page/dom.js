"use strict";
// What the other parts are made of: elements, texts that hide nothing, and sizes for people.

/** The element with this id. */
const byId = (id) => document.getElementById(id);

/** An element with its properties, attributes and children; texts become text, and never markup. */
function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && !key.startsWith("aria")) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Characters that are not seen, or change how others are read. */
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/u;

const numbered = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** A name in one line, in which misleading characters are shown by their number. */
function shown(name) {
  const whole = make("bdi");
  for (const part of name.split(new RegExp(`(${MISLEADING.source})`, "u"))) {
    if (part !== "" && MISLEADING.test(part)) whole.append(make("span", { className: "escaped" }, numbered(part)));
    else whole.append(part);
  }
  return whole;
}

/** The same as a text, for labels. */
const plain = (name) => name.replace(new RegExp(MISLEADING.source, "gu"), (character) => `[${numbered(character)}]`);

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** A number of bytes, in decimal units. */
function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let tenths = Math.floor(bytes / 100);
  let unit = 0;
  while (tenths >= 10000 && unit + 1 < UNITS.length) {
    tenths = Math.floor(tenths / 1000);
    unit += 1;
  }
  return `${Math.floor(tenths / 10)}.${tenths % 10} ${UNITS[unit]}`;
}

/** A whole number with its thousands parted. */
const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

const counted = (number, one, many) => `${count(number)} ${number === 1 ? one : many}`;

/** A share of a whole. */
function share(part, whole) {
  if (whole === 0) return "0 %";
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/** A button that reads as a word of a text. */
const link = (content, action, properties = {}) => {
  const button = make("button", { type: "button", className: "link", ...properties }, content);
  button.addEventListener("click", action);
  return button;
};
