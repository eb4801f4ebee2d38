// Saves what is typed a moment after one stops typing: form[data-autosave-url]. Files are sent by upload.js. The server
// answers {saved_at: "14 h 05"}; a failure is said, and tried again.
import { french, send, tokenOf } from "./send.js";

const AFTER_TYPING = 1500;
const AFTER_FAILURE = 10000;

function contents(form) {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File) && name !== "csrf_token") data.append(name, value);
  }
  return data;
}

function watch(form) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = null;
  let running = false;
  let again = false;

  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  async function save() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    const answer = await send(form.dataset.autosaveUrl, contents(form), tokenOf(form));
    running = false;
    if (status) {
      status.classList.toggle("autosave-failed", !answer.ok);
      status.textContent = answer.ok
        ? `Brouillon enregistré à ${answer.saved_at}`
        : french(answer.message ?? "Brouillon non enregistré : nouvel essai dans un instant.");
    }
    if (again || !answer.ok) later(answer.ok ? AFTER_TYPING : AFTER_FAILURE);
    again = false;
  }

  form.addEventListener("input", (event) => {
    if (event.target.type !== "file" && event.target.type !== "password") later(AFTER_TYPING);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-autosave-url]")) watch(form);
}
