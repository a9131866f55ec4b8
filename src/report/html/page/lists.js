"use strict";
// Of a long list a portion of the rows is in the page. The others wait in texts
// until they are searched, linked to, printed or asked for: thousands of rows
// are slow to draw, and a burden to whatever reads the page aloud.
const PORTION = 60;
const grouped = (n) => n.toLocaleString("en");

// Makes these the children. What already stands is not moved: it would lose the
// focus and its place on the screen.
const place = (parent, children) => {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
};

class List {
  constructor(element) {
    this.element = element;
    this.total = Number(element.dataset.all);
    this.waiting = [...document.querySelectorAll(`script[data-into="${element.id}"]`)];
    this.rows = [];
    this.add(element);
    this.shown = this.rows.slice();
    this.limit = this.rows.length;
    this.chosen = null; // by a filter; else all
    this.pinned = new Set(); // linked to, and shown wherever they stand
    if (this.waiting.length) this.later();
    this.pager();
    this.tell();
  }

  // The rows of a table for each app are in the tables, other rows in the list.
  add(root) {
    const blocks = root.querySelectorAll(".app");
    const rows = blocks.length ? root.querySelectorAll("tbody > tr") : root.children;
    for (const row of rows) this.rows.push({ row, block: blocks.length ? row.closest(".app") : null });
  }

  // Rows out of the next text. They are not in the page yet.
  unpack() {
    const text = this.waiting.shift();
    const template = document.createElement("template");
    template.innerHTML = text.textContent;
    text.remove();
    this.add(template.content);
  }

  all() {
    while (this.waiting.length) this.unpack();
    return this.rows;
  }

  // While nobody waits, so that the first search need not.
  later() {
    setTimeout(() => {
      if (!this.waiting.length) return;
      this.unpack();
      this.later();
    }, 50);
  }

  // The words of a row to search in.
  words(one) {
    one.words ??= `${one.block?.querySelector("h3").textContent ?? ""} ${one.row.textContent}`.toLowerCase();
    return one.words;
  }

  choose(fits) {
    this.chosen = fits && this.all().filter(fits);
    this.pinned.clear();
    this.show(PORTION);
  }

  // A link leads to it: of an app, all keys.
  pin(id) {
    if (!this.waiting.some((text) => text.textContent.includes(`id="${id}"`)) && !this.rows.some(({ row }) => row.id === id)) return false;
    const found = this.all().find(({ row }) => row.id === id);
    for (const one of this.rows) if (one === found || (found.block && one.block === found.block)) this.pinned.add(one);
    this.show(this.limit);
    return true;
  }

  show(limit) {
    this.limit = limit;
    while (!this.chosen && this.rows.length < limit && this.waiting.length) this.unpack();
    const within = new Set((this.chosen ?? this.rows).slice(0, limit));
    this.shown = this.rows.filter((one) => within.has(one) || this.pinned.has(one));
    const blocks = new Map();
    for (const { row, block } of this.shown) {
      if (!blocks.has(block)) blocks.set(block, []);
      blocks.get(block).push(row);
    }
    if (blocks.has(null)) place(this.element, blocks.get(null));
    else {
      for (const [block, rows] of blocks) place(block.querySelector("tbody"), rows);
      place(this.element, [...blocks.keys()]);
    }
    this.tell();
  }

  pager() {
    const pager = document.createElement("p");
    pager.className = "pager";
    pager.innerHTML = `<output aria-live="polite"></output> <button type="button">Show ${PORTION} more</button> <button type="button">Show all</button>`;
    (this.element.closest("table") ?? this.element).after(pager);
    const [said, more, everything] = pager.children;
    // The buttons move down: whoever used the keyboard goes on with the first new row.
    const press = (limit) => {
      const before = new Set(this.shown);
      this.show(limit);
      const first = this.shown.find((one) => !before.has(one))?.row;
      const next = first?.querySelector("summary") ?? first;
      if (next && next === first) next.tabIndex = -1;
      next?.focus({ preventScroll: true });
    };
    more.addEventListener("click", () => press(this.limit + PORTION));
    everything.addEventListener("click", () => press(Infinity));
    this.tell = () => {
      const of = this.chosen?.length ?? this.total;
      const [shown, noun] = [Math.min(this.shown.length, of), this.element.dataset.list];
      pager.hidden = of <= PORTION && shown === of;
      more.hidden = everything.hidden = shown === of;
      said.textContent = `${grouped(shown)} of ${grouped(of)} ${this.chosen ? "matching " : ""}${noun} shown`;
    };
  }
}

const lists = new Map([...document.querySelectorAll("[data-list]")].map((element) => [element.id, new List(element)]));
