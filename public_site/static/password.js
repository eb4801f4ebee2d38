// Gives each password field a button that shows what was typed. Without scripts the field stays as it is.

export function start(root) {
  for (const input of root.querySelectorAll("input[type=password][data-password]")) {
    const frame = document.createElement("div");
    frame.className = "password-field";
    input.before(frame);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-text";
    button.setAttribute("aria-controls", input.id);
    const label = root.querySelector(`label[for="${CSS.escape(input.id)}"]`)?.textContent.trim() ?? "mot de passe";
    const say = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? "Masquer" : "Afficher";
      button.setAttribute("aria-label", `${button.textContent} : ${label}`);
    };
    button.addEventListener("click", () => say(input.type === "password"));
    // What is sent or restored by the browser must not stay readable in a list of past entries.
    input.form?.addEventListener("submit", () => say(false));
    say(false);
    frame.append(input, button);
    input.spellcheck = false;
    input.autocapitalize = "off";
  }
}

start(document);
