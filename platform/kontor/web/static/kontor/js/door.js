/* Pages without the frame: a password can be looked at, a new one is weighed while it is typed. */
"use strict";
(() => {
  /* a form that was sent after the session's end was not saved: its draft stays (drafts.js) */
  if (document.querySelector("form[action*='/accounts/login']")) sessionStorage.removeItem("kontor-draft-sent");

  document.addEventListener("click", event => {
    const button = event.target.closest("[data-reveal]");
    if (!button) return;
    const input = button.parentElement.querySelector("input"), shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.querySelector("i").className = shown ? "ti ti-eye-off" : "ti ti-eye";
    input.focus();
  });
  /* sent hidden, so that no browser keeps it among the texts once typed */
  document.addEventListener("submit", event => {
    event.target.querySelectorAll("[data-reveal][aria-pressed=true]").forEach(b => b.click());
  });

  /* 0 to 4: length above all, then how many different characters and kinds of them; the server refuses by its own rules */
  function strength(word) {
    const different = new Set(word.toLowerCase()).size;
    const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[\s\p{P}\p{S}]/u, /\p{Lo}/u].filter(k => k.test(word)).length;
    if (word.length < 12 || different < 5) return word ? 1 : 0;
    return 2 + Number(word.length >= 16 || kinds >= 3) + Number(word.length >= 20 && different >= 9);
  }
  document.addEventListener("input", event => {
    const meter = event.target.closest(".k-formrow")?.querySelector("[data-strength]");
    if (meter) meter.value = strength(event.target.value);
  });
})();
