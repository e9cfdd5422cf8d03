// Small helps on top of pages that work without any script; each one hangs on a data- hook.
(() => {
  const all = (selector) => document.querySelectorAll(selector);

  all("[data-error-summary]").forEach((box) => box.focus());

  all(".nav [aria-current]").forEach((link) => {
    link.closest("nav").scrollLeft = link.offsetLeft - 40;
  });

  all("[data-show]").forEach((button) => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    if (!input) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.textContent = show ? button.dataset.hide : button.dataset.show;
    });
  });

  all("form[data-autosubmit]").forEach((form) => {
    const apply = form.querySelector("[data-apply]");
    if (apply) apply.hidden = true;
    form.addEventListener("change", () => form.requestSubmit());
  });

  all("[data-counter]").forEach((text) => {
    const note = document.getElementById(text.id + "-counter");
    if (!note) return;
    const limit = Number(text.dataset.counter);
    const limitWords = note.textContent;
    const count = () => {
      const left = limit - [...text.value].length;
      note.textContent = left > limit / 4 ? limitWords
        : (left < 0 ? note.dataset.over : note.dataset.left) + " " + Math.abs(left);
      note.classList.toggle("over", left < 0);
    };
    text.addEventListener("input", count);
    count();
  });

  all("[data-check-all]").forEach((box) => {
    box.hidden = false;
    box.addEventListener("change", () => {
      all(`input[name="${CSS.escape(box.dataset.checkAll)}"]`).forEach((one) => {
        one.checked = box.checked;
      });
    });
  });

  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
})();
