// Saves what is typed a moment after one stops typing: form[data-autosave-url]. Files are sent by upload.js. The server
// answers {saved_at: "14 h 05"}; a failure is said, and tried again. It may add `fields`, new values of hidden fields
// (which version of an answer the page knows), and `done`, the words that say how much is done.
import { french, send, tokenOf } from "./send.js";

const AFTER_TYPING = 1500;
const AFTER_FAILURE = 10000;
const LONGEST_WAIT = 5000;

function contents(form) {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File) && name !== "csrf_token") data.append(name, value);
  }
  return data;
}

function learn(form, { fields = {}, done }) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  const said = document.querySelector("[data-autosave-done]");
  if (said && done) said.textContent = done;
}

function watch(form) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = null;
  let running = null;
  let again = false;
  let waited = false;

  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  function save() {
    if (running) again = true;
    else running = saveNow();
  }

  async function saveNow() {
    const answer = await send(form.dataset.autosaveUrl, contents(form), tokenOf(form));
    running = null;
    learn(form, answer);
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
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!running || waited) return;
    // What was on its way arrives first, or the form would not know its own answer for what it is.
    event.preventDefault();
    event.stopImmediatePropagation();
    const late = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT));
    Promise.race([running, late]).then(() => {
      waited = true;
      form.requestSubmit(event.submitter);
      waited = false;
    });
  });
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-autosave-url]")) watch(form);
}
