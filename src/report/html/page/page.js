// The page can be read without scripts. They bring what is left of long lists,
// filter, follow links into both, and bring everything for the printer.

// Whatever the link leads to is brought in and opened.
const reveal = (id) => {
  if (!document.getElementById(id)) for (const list of lists.values()) if (list.pin(id)) break;
  const target = document.getElementById(id);
  if (!target) return null;
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  const inner = target.querySelector(":scope > details");
  if (inner) inner.open = true;
  return target;
};

// Rows above have their height only when they have come near the screen.
const arrive = (target, frames = 10) => {
  target?.scrollIntoView();
  if (target && frames > 0) requestAnimationFrame(() => arrive(target, frames - 1));
};

// #f-… is a row; #findings?rule=… is a filter.
const follow = () => {
  const [id, query] = location.hash.slice(1).split("?");
  if (query) filters.get(id)?.set(new URLSearchParams(query));
  if (id) arrive(reveal(id));
};
addEventListener("hashchange", follow);
if (location.hash) follow();

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link) return;
  const { filter, value } = link.dataset;
  if (!filter) {
    // The browser goes there when it is there.
    reveal(link.getAttribute("href").slice(1));
    return;
  }
  event.preventDefault();
  const section = filter === "state" ? "keys" : "findings";
  filters.get(section).set(new URLSearchParams([[filter, value]]));
  document.getElementById(section).scrollIntoView();
  document.getElementById(`${section}-title`).focus({ preventScroll: true });
});

const expand = document.getElementById("expand");
expand?.addEventListener("click", () => {
  const details = lists.get("rows").shown.map(({ row }) => row.firstElementChild);
  const open = details.some((one) => !one.open);
  for (const one of details) one.open = open;
});

const graph = document.querySelector(".graph");
if (graph) {
  const pick = (event) => {
    const node = event.target.closest("[data-caller], [data-shared]");
    graph.classList.toggle("picking", Boolean(node));
    for (const line of graph.querySelectorAll("path")) {
      line.classList.toggle("picked", Boolean(node)
        && (line.dataset.caller === node.dataset.caller || line.dataset.shared === node.dataset.shared));
    }
  };
  for (const name of ["pointerover", "focusin"]) graph.addEventListener(name, pick);
  for (const name of ["pointerleave", "focusout"]) graph.addEventListener(name, () => graph.classList.remove("picking"));
}

// Paper has no button to press and no triangle to click.
let closed = [];
const limits = new Map();
addEventListener("beforeprint", () => {
  for (const list of lists.values()) {
    limits.set(list, list.limit);
    list.show(Infinity);
  }
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const one of closed) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of closed) one.open = false;
  for (const [list, limit] of limits) list.show(limit);
});
