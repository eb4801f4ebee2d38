// Sends the files of the format checker one after the other, with their progress, so that no answer is long to come.
// The answer is the very page that a browser without scripts gets: its verdicts are moved into this one.
import { french } from "./send.js";

const FAILED = "La vérification n'a pas abouti. Rechargez la page, puis réessayez.";

const form = document.querySelector("#verification");
const input = form.querySelector("input[type=file]");
const results = document.querySelector("[data-verdicts]");
const list = results.querySelector("[data-verdict-list]");
const progress = form.querySelector("[data-progress]");
const bar = progress.querySelector("progress");
const counted = form.querySelector("[data-progress-said]");
const said = form.querySelector("[data-check-said]");

function say(text, wrong) {
  said.textContent = french(text);
  said.classList.toggle("check-wrong", wrong);
  said.classList.toggle("check-right", !wrong && text !== "");
}

function post(file, onProgress) {
  const body = new FormData(form);
  body.delete(input.name);
  body.append(input.name, file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("loadend", () => resolve(request.response));
    request.send(body);
  });
}

async function check(files) {
  list.replaceChildren();
  results.hidden = true;
  say("", false);
  progress.hidden = false;
  for (const [position, file] of files.entries()) {
    counted.textContent = `Fichier ${position + 1} sur ${files.length}`;
    const page = await post(file, (part) => {
      bar.value = (100 * (position + part)) / files.length;
    });
    const verdicts = page?.querySelectorAll("[data-verdict-list] > li") ?? [];
    if (verdicts.length === 0) {
      say(page?.querySelector("#verification .field-error > span")?.lastChild.textContent ?? FAILED, true);
      break;
    }
    list.append(...verdicts);
    results.hidden = false;
  }
  progress.hidden = true;
  bar.value = 0;
  const wrong = list.querySelectorAll(".verdict-danger").length;
  if (list.childElementCount === files.length) {
    say(wrong ? `Vérification terminée : ${wrong} sur ${files.length} à corriger.` : "Vérification terminée : tout est conforme.", wrong > 0);
    input.value = "";
  }
  if (!results.hidden) results.querySelector("h2").focus();
}

form.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // Pressed twice.
  const files = [...input.files];
  // What cannot be sent is told by the server, which says it in the same way to everybody.
  if (files.length === 0 || files.length > Number(input.dataset.most)) return;
  event.preventDefault();
  form.querySelector(".field-error")?.remove();
  document.querySelector("[data-error-summary]")?.remove();
  form.querySelector(".field-wrong")?.classList.remove("field-wrong");
  input.removeAttribute("aria-invalid");
  check(files).finally(() => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});
