/* Reports: a changed filter asks anew at once. */
"use strict";
(() => {
  const send = at => { const form = at.closest?.("[data-auto-submit]"); if (form) form.requestSubmit(); };
  let typed = null;
  document.addEventListener("change", event => {
    if (event.target.matches("[data-auto-submit] select, [data-auto-submit] input[type=hidden]")) send(event.target);
    else if (event.target.matches("[data-auto-submit] input:not([role=combobox], [data-picker])")) { clearTimeout(typed); typed = setTimeout(() => send(event.target), event.target.type === "date" ? 500 : 0); }
  });
  document.addEventListener("submit", event => {
    if (!event.target.matches("[data-auto-submit]")) return;
    event.target.querySelectorAll("input, select").forEach(i => { if (!i.value) i.disabled = true; });
  });
  /* a drilled report leads back to the one it came from, as it was */
  const back = document.querySelector("[data-report-back]");
  const from = document.referrer && new URL(document.referrer);
  if (back && from && from.origin === location.origin && from.pathname.startsWith("/reports/") && from.pathname !== "/reports/" && from.pathname !== location.pathname) {
    back.hidden = false;
    back.addEventListener("click", () => history.back());
  }
  document.addEventListener("click", event => { if (event.target.closest("[data-print]")) print(); });
})();
