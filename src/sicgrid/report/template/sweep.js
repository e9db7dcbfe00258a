"use strict";
// The page is complete without this script; it adds sorting and filtering to the table of runs.
(() => {
  const table = document.getElementById("runs");
  const form = document.getElementById("filter");
  if (!table || !form) return;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, place) => ({
    row, place,
    texts: [...row.cells].map((cell) => cell.textContent.trim()),
    all: row.textContent.toLowerCase(),
  }));
  const heads = [...table.tHead.rows[0].cells];
  const number = (entry, column) => {
    const text = entry.row.cells[column].dataset.sort ?? entry.texts[column];
    return text === "" ? NaN : Number(text.replace("−", "-"));
  };

  function sort(column, down) {
    const numeric = heads[column].dataset.kind === "number";
    const order = (one, other) => {
      if (!numeric) {
        const found = one.texts[column].localeCompare(other.texts[column], "en", { numeric: true });
        return (down ? -found : found) || one.place - other.place;
      }
      const a = number(one, column), b = number(other, column);
      // Runs without the number come last in either direction.
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b) || one.place - other.place;
      return (down ? b - a : a - b) || one.place - other.place;
    };
    body.append(...[...rows].sort(order).map((entry) => entry.row));
    heads.forEach((head, k) => head.setAttribute("aria-sort", k === column ? (down ? "descending" : "ascending") : "none"));
  }

  const selects = [...form.querySelectorAll("select")];
  const search = form.querySelector("input");
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = selects.filter((select) => select.value !== "").map((select) => [Number(select.dataset.column), select.value]);
    let count = 0;
    for (const entry of rows) {
      const shown = chosen.every(([column, value]) => entry.texts[column] === value) && words.every((word) => entry.all.includes(word));
      entry.row.hidden = !shown;
      count += shown;
    }
    document.getElementById("shown").textContent = `${count} of ${rows.length} runs`;
    document.getElementById("none").hidden = count > 0;
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    // What one looks for first comes first: large numbers, words from A.
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      sort(column, before === "none" ? head.dataset.kind === "number" : before === "ascending");
    });
  });
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.addEventListener("change", filter);
  // Browsers bring back a form's old choices on reload.
  filter();
})();
