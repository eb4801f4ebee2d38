// Keyboard shortcuts of the back office, listed on « ? ». They press what the page already shows: an element says its
// key in data-key, nothing is done that a click does not do. They never fire while one types, nor with a modifier, and
// they can be switched off (WCAG 2.1.4); the choice stays in this browser.

const OFF = "raccourcis";
const CHORD_MS = 1500;
const TYPING = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "non";
  } catch {
    return false;
  }
};

function keep(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "non");
  } catch {
    // A browser that keeps nothing: the choice holds until the page is left.
  }
}

// A folded form opens and its first field is ready; a field is ready; anything else is pressed.
function press(element) {
  if (element.matches("summary")) {
    element.parentElement.open = true;
    (element.parentElement.querySelector("textarea, select, input:not([type=hidden])") ?? element).focus();
  } else if (element.matches("a[href], button")) element.click();
  else {
    element.scrollIntoView({ block: "center" });
    element.focus();
  }
}

const shown = (root, selector) => [...root.querySelectorAll(selector)].find((one) => one.checkVisibility());

function move(root, step) {
  const piece = shown(root, `[data-beside="${step > 0 ? "next" : "previous"}"]`);
  if (piece) return piece.click();
  const rows = [...root.querySelectorAll(".office-table tbody tr")].filter((row) => row.querySelector("a[href]"));
  const at = rows.findIndex((row) => row.contains(root.activeElement));
  const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  row?.querySelector("a[href]").focus();
}

function search(root, queue) {
  const field = shown(root, "main input[type=search]");
  if (field) {
    field.focus();
    field.select();
  } else if (queue) location.assign(queue);
}

function dialogOf(details) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog shortcuts-dialog";
  const title = document.createElement("h2");
  title.id = "shortcuts-title";
  title.textContent = "Raccourcis clavier";
  dialog.setAttribute("aria-labelledby", title.id);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet";
  close.dataset.dialogClose = "";
  close.textContent = "Fermer";
  dialog.append(title, details.querySelector(".shortcuts-body"), close);
  document.body.append(dialog);
  return dialog;
}

export function start(root) {
  const details = root.querySelector("[data-shortcuts]");
  if (!details) return;
  const dialog = dialogOf(details);
  const queue = details.dataset.queue;
  let off = isOff();
  let chord = 0;

  const choice = dialog.querySelector("[data-shortcuts-switch]");
  const tick = choice.querySelector("input");
  choice.hidden = false;
  tick.checked = !off;
  tick.addEventListener("change", () => {
    off = !tick.checked;
    keep(tick.checked);
  });
  details.querySelector("summary").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });

  root.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat && !event.isComposing;
    // Out of a field, so that the other keys work again. Inside a dialog, Escape closes the dialog.
    const left = event.key === "Escape" && event.target.closest?.(TYPING);
    if (left && isPlain && !off && !event.defaultPrevented && !root.querySelector("dialog[open]")) return left.blur();
    if (off || !isPlain || event.defaultPrevented || event.target.closest?.(TYPING)) return;
    if (root.querySelector("dialog[open]")) return;
    const second = event.timeStamp < chord;
    chord = 0;
    const acts = {
      "?": () => dialog.showModal(),
      "/": () => search(root, queue),
      j: () => move(root, 1),
      k: () => move(root, -1),
      g: () => (chord = event.timeStamp + CHORD_MS),
    };
    const pressed = /^[a-z]$/.test(event.key) && shown(root, `[data-key="${event.key}"]`);
    const act = second && event.key === "f" ? queue && (() => location.assign(queue)) : acts[event.key];
    if (!act && !pressed) return;
    event.preventDefault();
    if (act) act();
    else press(pressed);
  });
}
