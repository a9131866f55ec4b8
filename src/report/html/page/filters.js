// A form narrows a list by what its rows say, and by their data-*. It looks at
// all rows, those that are not shown, too.
class Filter {
  constructor(form) {
    this.list = lists.get(form.dataset.of);
    this.section = form.closest("section");
    this.text = form.querySelector("[type=search]");
    this.selects = [...form.querySelectorAll("select")];
    this.count = form.querySelector("output");
    form.hidden = false;
    form.addEventListener("input", () => this.apply());
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => this.apply()));
    this.tell();
  }

  apply() {
    const words = this.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = this.selects.filter(({ value }) => value);
    const has = ({ row }, { value, dataset: { key } }) => row.dataset[key] === value || row.dataset[key].split(" ").includes(value);
    const fits = (one) => chosen.every((select) => has(one, select)) && words.every((word) => this.list.words(one).includes(word));
    this.list.choose(chosen.length || words.length ? fits : null);
    this.tell();
    // Whoever is sent the address sees the same.
    const query = this.state().toString();
    const place = `#${this.section.id}`;
    if (query || location.hash.startsWith(`${place}?`)) history.replaceState(null, "", query ? `${place}?${query}` : place);
  }

  state() {
    const state = new URLSearchParams(this.selects.filter(({ value }) => value).map(({ value, dataset }) => [dataset.key, value]));
    if (this.text.value) state.set("text", this.text.value);
    return state;
  }

  set(state) {
    for (const select of this.selects) select.value = state.get(select.dataset.key) || "";
    this.text.value = state.get("text") || "";
    this.apply();
  }

  // On paper, too, it is to be seen that something is left out, and what.
  tell() {
    const { chosen, total, element } = this.list;
    const by = [...this.state().values()].join(", ");
    const all = `${grouped(total)} ${element.dataset.list}`;
    this.count.textContent = chosen ? `${grouped(chosen.length)} of ${all}: ${by}` : all;
  }
}

const filters = new Map([...document.querySelectorAll("form[data-of]")].map((form) => new Filter(form)).map((filter) => [filter.section.id, filter]));
