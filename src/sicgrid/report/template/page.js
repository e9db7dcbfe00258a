"use strict";
// The page is complete without this script; it adds sorting, filtering, the enlarged unit and the scale switch.
(() => {
  const byId = (id) => document.getElementById(id);
  const gallery = byId("gallery");
  const cards = [...gallery.children];
  const dialog = byId("unit");
  // The direction that puts first what one looks for first.
  const falling = { rank: false, score: true, spacing: false, orientation: false, information: true, unit: false };
  let down = false;

  // The first ones of many, in the order that was chosen, until all are asked for.
  const FIRST = 39;
  const shownCards = () => [...gallery.children].filter((card) => !card.hidden);

  function arrange() {
    const key = byId("sort").value;
    const show = document.querySelector("input[name=show]:checked").value;
    const value = (card) => Number(card.dataset[key]);
    const order = (one, other) => {
      const a = value(one), b = value(other);
      // Units without the number come last in either direction.
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b) || one.dataset.rank - other.dataset.rank;
      return (down ? b - a : a - b) || one.dataset.rank - other.dataset.rank;
    };
    gallery.append(...cards.sort(order));
    const module = byId("module")?.value ?? "all";
    for (const card of cards) {
      card.hidden = (show !== "all" && card.dataset[show] !== "1") || (module !== "all" && card.dataset.module !== module);
    }
    const count = shownCards().length;
    shownCards().forEach((card, place) => card.classList.toggle("beyond", place >= FIRST));
    byId("all").hidden = count <= FIRST || !gallery.classList.contains("few");
    byId("show-all").textContent = `show all ${count}`;
    byId("none").hidden = count > 0;
    byId("shown").textContent = `${count} of ${cards.length} units`;
    byId("direction").textContent = down ? "high to low" : "low to high";
    byId("direction").setAttribute("aria-pressed", String(down));
  }

  byId("show-all").addEventListener("click", () => { gallery.classList.remove("few"); arrange(); });
  gallery.classList.add("few");

  // A link into a folded section opens it.
  function unfold() {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    const folded = target && (target.querySelector(":scope > details.more") ?? target.closest("details.more"));
    if (folded) folded.open = true;
  }
  addEventListener("hashchange", unfold);
  unfold();

  let current = null;
  function enlarge(card) {
    current = card;
    byId("unit-title").textContent = card.querySelector(".open").textContent;
    const parts = [".tags", ".pair", ".numbers"].map((part) => card.querySelector(part).cloneNode(true));
    byId("unit-body").replaceChildren(...parts);
    if (!dialog.open) dialog.showModal();
  }
  function turn(by) {
    const shown = shownCards();
    const at = shown.indexOf(current);
    if (shown.length) enlarge(shown[(at + by + shown.length) % shown.length]);
  }

  byId("controls").hidden = false;
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  // Browsers bring back a form's old choices on reload, so read them rather than assume the defaults.
  byId("sort").addEventListener("change", () => { down = falling[byId("sort").value]; arrange(); });
  byId("direction").addEventListener("click", () => { down = !down; arrange(); });
  for (const radio of document.querySelectorAll("input[name=show]")) radio.addEventListener("change", arrange);
  byId("module")?.addEventListener("change", arrange);
  byId("compact").addEventListener("change", (event) => gallery.classList.toggle("compact", event.target.checked));
  gallery.classList.toggle("compact", byId("compact").checked);
  down = falling[byId("sort").value];
  arrange();

  gallery.addEventListener("click", (event) => {
    const button = event.target.closest(".open");
    if (button) enlarge(button.closest(".card"));
  });
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  byId("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });
  dialog.addEventListener("close", () => current.querySelector(".open").focus());

  const scales = byId("scales");
  if (scales) {
    scales.hidden = false;
    scales.addEventListener("click", (event) => {
      const chosen = event.target.value;
      if (!chosen) return;
      for (const button of scales.children) button.setAttribute("aria-pressed", String(button.value === chosen));
      for (const block of document.querySelectorAll("[data-scale]")) block.hidden = block.dataset.scale !== chosen;
    });
  }
})();
