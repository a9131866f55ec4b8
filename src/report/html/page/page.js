// The page can be read without this: it brings the rest of long lists, filters,
// follows links into filters, and opens everything for the printer.
(() => {
  "use strict";
  // What comes after the first rows is text until the page stands.
  const waiting = [...document.querySelectorAll("script[data-into]")];
  const unpack = () => {
    const next = waiting.shift();
    document.getElementById(next.dataset.into).insertAdjacentHTML("beforeend", next.textContent);
    next.remove();
  };
  const complete = () => { while (waiting.length) unpack(); };
  const later = () => {
    if (!waiting.length) return;
    unpack();
    setTimeout(later, 30);
  };
  addEventListener("load", () => setTimeout(later, 100));

  const form = document.getElementById("filters");
  const list = document.getElementById("rows");
  const reveal = (id) => {
    if (id && !document.getElementById(id)) complete();
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      at.hidden = false;
    }
    const inner = target.querySelector(":scope > details");
    if (inner) inner.open = true;
    target.scrollIntoView();
  };

  if (form) {
    const text = document.getElementById("filter-text");
    const selects = [...form.querySelectorAll("select")];
    const count = document.getElementById("filter-count");
    const expand = document.getElementById("expand");
    const words = new Map();
    const said = (row) => {
      if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
      return words.get(row);
    };
    const matches = (row) => selects.every(({ value, dataset }) =>
      !value || row.dataset[dataset.key].split(" ").includes(value) || row.dataset[dataset.key] === value)
      && text.value.toLowerCase().split(/\s+/).every((word) => !word || said(row).includes(word));
    const apply = () => {
      complete();
      const rows = list.children;
      let shown = 0;
      for (const row of rows) {
        row.hidden = !matches(row);
        shown += !row.hidden;
      }
      count.textContent = shown === rows.length ? `${shown} findings` : `${shown} of ${rows.length} findings`;
      const state = new URLSearchParams(selects.filter(({ value }) => value).map(({ value, dataset }) => [dataset.key, value]));
      if (text.value) state.set("text", text.value);
      const query = state.toString();
      if (query || location.hash.startsWith("#findings?")) history.replaceState(null, "", query ? `#findings?${query}` : "#findings");
    };
    const set = (state) => {
      for (const select of selects) select.value = state.get(select.dataset.key) || "";
      text.value = state.get("text") || "";
      apply();
    };
    const linked = () => {
      const [place, query] = location.hash.split("?");
      if (place === "#findings" && query) set(new URLSearchParams(query));
      reveal(place.slice(1));
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    expand.addEventListener("click", () => {
      const open = expand.textContent === "Open all";
      complete();
      for (const row of list.children) if (!row.hidden) row.firstElementChild.open = open;
      expand.textContent = open ? "Close all" : "Open all";
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-filter]");
      if (!link) return;
      event.preventDefault();
      set(new URLSearchParams([[link.dataset.filter, link.dataset.value]]));
      document.getElementById("findings").scrollIntoView();
      document.getElementById("findings-title").focus({ preventScroll: true });
    });
    count.textContent = `${list.dataset.all} findings`;
    if (location.hash.includes("?")) linked();
    if (location.hash) reveal(location.hash.slice(1).split("?")[0]);
    addEventListener("hashchange", linked);
  }

  const keys = document.getElementById("key-filters");
  if (keys) {
    const [text, state, kind] = ["key-text", "key-state", "key-kind"].map((id) => document.getElementById(id));
    const listed = () => [...document.querySelectorAll("#apps > .app")].map((app) => {
      const name = app.firstElementChild.textContent.toLowerCase();
      return { app, name, rows: [...app.querySelectorAll("tbody tr")] };
    });
    let apps = null;
    const said = new Map();
    const words = (row) => {
      if (!said.has(row)) said.set(row, row.textContent.toLowerCase());
      return said.get(row);
    };
    const apply = () => {
      complete();
      apps ||= listed();
      const sought = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0, total = 0;
      for (const { app, name, rows } of apps) {
        let some = false;
        for (const row of rows) {
          const fits = (!state.value || row.dataset.state === state.value) && (!kind.value || row.dataset.kind === kind.value)
            && sought.every((word) => name.includes(word) || words(row).includes(word));
          row.hidden = !fits;
          some ||= fits;
          shown += fits;
        }
        total += rows.length;
        app.hidden = !some;
      }
      document.getElementById("key-count").textContent = shown === total ? `${total} keys` : `${shown} of ${total} keys`;
    };
    keys.hidden = false;
    keys.addEventListener("input", apply);
    keys.addEventListener("submit", (event) => event.preventDefault());
    keys.addEventListener("reset", () => setTimeout(apply));
    document.getElementById("key-count").textContent = `${keys.dataset.all} keys`;
  }

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

  // Paper has no triangle to click.
  let closed = [];
  addEventListener("beforeprint", () => {
    complete();
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
})();
