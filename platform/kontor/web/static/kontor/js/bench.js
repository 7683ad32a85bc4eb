/* The workbench being arranged: cards are dragged, or moved by their buttons; each change is kept at once. */
"use strict";
(() => {
  const form = document.querySelector("[data-bench]");
  if (!form) return;
  const all = (s, e = document) => [...e.querySelectorAll(s)];
  const places = () => all("[data-place]");
  const cards = place => all(":scope > [data-card]", place);
  let dragged = null, timer = 0;

  const value = () => JSON.stringify({
    places: Object.fromEntries(places().map(p => [p.dataset.place, cards(p).map(c => c.dataset.card)])),
    hidden: all("[data-card].is-away").map(c => c.dataset.card),
    sizes: Object.fromEntries(all("[data-card]").filter(c => c.dataset.size).map(c => [c.dataset.card, c.dataset.size])),
  });
  function keep() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const data = new FormData();
      data.set("value", value());
      fetch("/", { method: "POST", body: data, headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value, "HX-Request": "true" } });
    }, 250);
  }
  const columns = () => places().filter(p => p.dataset.place !== "wide");
  function go(card, way) {
    const at = card.parentElement, list = columns(), here = list.indexOf(at);
    if (way === "up") card.previousElementSibling?.before(card);
    else if (way === "down") card.nextElementSibling?.after(card);
    else if (way === "left" && here > 0) list[here - 1].append(card);
    else if (way === "right" && here >= 0 && here < list.length - 1) list[here + 1].append(card);
    else if (way === "wide") (here < 0 ? list[0] : places()[0]).append(card);
    else if (way === "size") card.dataset.size = card.dataset.size ? "" : "short";
    else if (way === "hide") card.classList.toggle("is-away");
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-go]");
    if (!button) return;
    const card = button.closest("[data-card]");
    go(card, button.dataset.go);
    if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(button.dataset.go === "hide" ? card.classList.contains("is-away") : !!card.dataset.size));
    button.focus();
    keep();
  });
  document.addEventListener("dragstart", event => {
    dragged = event.target.closest?.("[data-card]");
    if (dragged) { event.dataTransfer.effectAllowed = "move"; dragged.classList.add("is-drag"); }
  });
  document.addEventListener("dragover", event => {
    const place = event.target.closest?.("[data-place]");
    if (!dragged || !place) return;
    event.preventDefault();
    const over = event.target.closest("[data-card]");
    if (!over) { if (dragged.parentElement !== place) place.append(dragged); return; }
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged); else over.after(dragged);
  });
  document.addEventListener("dragend", () => { if (dragged) { dragged.classList.remove("is-drag"); dragged = null; keep(); } });
  form.addEventListener("submit", event => {
    form.querySelector("[name=value]").value = value();
    if (event.submitter?.hasAttribute("data-reset")) form.querySelector("[name=role]")?.remove();
  });
})();
