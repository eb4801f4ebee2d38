// Small comforts of lists: tick every row at once, short addresses, menus that close.

export function start(root) {
  const all = root.querySelector("[data-tick-all]");
  if (all) {
    const ticks = [...root.querySelectorAll("[data-tick]")];
    all.hidden = false;
    all.addEventListener("change", () => ticks.forEach((tick) => (tick.checked = all.checked)));
  }
  for (const form of root.querySelectorAll("form[data-skip-empty]")) {
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) {
        if (value === "") event.formData.delete(name);
      }
    });
  }
  for (const details of root.querySelectorAll("[data-close-outside]")) {
    root.addEventListener("click", (event) => {
      if (!details.contains(event.target)) details.open = false;
    });
    details.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        details.open = false;
        details.querySelector("summary").focus();
      }
    });
  }
}
