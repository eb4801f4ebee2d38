// Sends a chosen file at once, with its progress, so that a mistake later on never loses it. The server answers with
// {name, size} (size as text) or {message}. Without scripts, the file goes with the form.
import { french, tokenOf } from "./send.js";

function parts(field) {
  const find = (name) => field.querySelector(`[data-file-${name}]`);
  return {
    current: find("current"),
    name: find("name"),
    size: find("size"),
    progress: find("progress"),
    bar: field.querySelector("progress"),
    said: find("progress-said"),
    status: find("status"),
  };
}

function say(input, part, text, wrong) {
  part.status.textContent = french(text);
  part.status.classList.toggle("check-wrong", wrong);
  part.status.classList.toggle("check-right", !wrong && text !== "");
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  // What the page had said of the field before is replaced by what is said now.
  if (text) input.closest("[data-file-field]").querySelector(".field-error")?.remove();
}

function refuseLocally(input, file) {
  if (file.size === 0) return "Ce fichier est vide. Choisissez-en un autre.";
  if (file.size > Number(input.dataset.maxBytes)) {
    return `Ce fichier dépasse ${input.dataset.maxSaid}. Réduisez-le ou choisissez-en un autre.`;
  }
  return null;
}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

function upload(input, field, file) {
  const part = parts(field);
  const body = new FormData();
  body.append(input.name, file);
  const request = new XMLHttpRequest();
  request.open("POST", input.dataset.uploadUrl);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRF-Token", tokenOf(input.form));
  part.progress.hidden = false;
  input.setAttribute("aria-busy", "true");
  request.upload.addEventListener("progress", (event) => {
    const percent = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
    part.bar.value = percent;
    part.said.textContent = percent < 100 ? `${percent}\u00a0%` : "Vérification du fichier…";
  });
  request.addEventListener("loadend", () => {
    part.progress.hidden = true;
    part.bar.value = 0;
    input.removeAttribute("aria-busy");
    const answer = answerOf(request);
    input.value = "";
    if (request.status >= 200 && request.status < 300) {
      part.name.textContent = answer.name ?? file.name;
      part.size.textContent = answer.size ?? "";
      part.current.hidden = false;
      input.required = false;
      field.classList.remove("field-wrong");
      say(input, part, answer.message ?? "Fichier enregistré.", false);
    } else {
      say(input, part, answer.message ?? "L'envoi a échoué. Vérifiez votre connexion, puis réessayez.", true);
    }
    input.dispatchEvent(new CustomEvent("portal:uploaded", { bubbles: true, detail: answer }));
  });
  request.send(body);
}

export function start(root) {
  for (const field of root.querySelectorAll("[data-file-field]")) {
    const input = field.querySelector("input[type=file]");
    input.addEventListener("change", () => {
      const file = input.files[0];
      if (!file) return;
      const part = parts(field);
      const refusal = refuseLocally(input, file);
      say(input, part, refusal ?? "", refusal !== null);
      // An empty file goes with its form all the same: the server then says what is wrong, not that none was chosen.
      if (refusal && (file.size > 0 || input.dataset.uploadUrl)) input.value = "";
      else if (!refusal && input.dataset.uploadUrl) upload(input, field, file);
    });
  }
}
