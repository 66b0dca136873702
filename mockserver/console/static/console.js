// What the pages cannot do by themselves: look for news, copy a text, be led by keys.
"use strict";
(() => {
  const LOOK_MS = 1000;
  const body = document.body;
  const follow = document.getElementById("follow");
  const pause = () => sessionStorage.getItem("paused") === "yes";

  const show = () => follow && follow.setAttribute("aria-pressed", String(!pause()));
  if (follow) {
    follow.addEventListener("click", () => {
      sessionStorage.setItem("paused", pause() ? "no" : "yes");
      show();
    });
    show();
    setInterval(() => {
      if (!document.hidden && !pause() && window.htmx) htmx.trigger(body, "look");
    }, LOOK_MS);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(document.getElementById(button.dataset.copy));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    document.getElementById("copied").textContent = body.dataset.copied;
    const label = button.textContent;
    button.textContent = body.dataset.copied;
    setTimeout(() => { button.textContent = label; document.getElementById("copied").textContent = ""; }, 1500);
  });

  // j and k, or the arrows, turn pages and steps where a page has neighbours; / goes to the filter.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, pre, .wide")) return;
    const rel = { ArrowLeft: "prev", k: "prev", ArrowRight: "next", j: "next" }[event.key];
    const link = rel && document.querySelector(`a[rel=${rel}]`);
    if (link) link.click();
    if (event.key === "/") {
      const field = document.querySelector("input[type=search]");
      if (field) { event.preventDefault(); field.focus(); }
    }
  });
})();
