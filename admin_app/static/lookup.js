// A field that names a row of another table: type a number or a name, choose among suggestions (ARIA combobox). Without
// scripts the same field takes a key, or words that only one row answers.

const WAIT = 180;

export function start(root) {
  for (const field of root.querySelectorAll("input[data-lookup]")) enhance(field);
}

function enhance(field) {
  const key = document.createElement("input");
  key.type = "hidden";
  key.name = field.name;
  key.value = field.value;
  field.removeAttribute("name");
  if (field.dataset.said) field.value = field.dataset.said;

  const list = document.createElement("ul");
  list.className = "lookup-list";
  list.id = `${field.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");

  const box = document.createElement("div");
  box.className = "lookup";
  field.replaceWith(box);
  box.append(field, key, list, said);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");

  let waiting = 0;
  let asked = 0;
  let current = -1;

  const close = () => {
    list.hidden = true;
    current = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    const options = [...list.children];
    if (!options.length) return;
    current = (index + options.length) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === current)));
    field.setAttribute("aria-activedescendant", options[current].id);
    options[current].scrollIntoView({ block: "nearest" });
  };
  const choose = (option) => {
    key.value = option.dataset.key;
    field.value = option.textContent;
    close();
  };
  const show = (results) => {
    list.replaceChildren(
      ...results.map((result, index) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.key = result.id;
        option.textContent = result.text;
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(option);
        });
        return option;
      }),
    );
    list.hidden = !results.length;
    current = -1;
    field.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = results.length ? `${results.length} suggestions` : "Aucune suggestion";
  };
  const ask = async () => {
    const number = ++asked;
    const address = new URL(field.dataset.lookup, location.href);
    address.searchParams.set("term", field.value);
    const response = await fetch(address, { headers: { accept: "application/json" } });
    if (!response.ok || number !== asked) return;
    show((await response.json()).results);
  };

  field.addEventListener("input", () => {
    // What is typed goes to the server as it is, unless a suggestion is chosen.
    key.value = field.value;
    clearTimeout(waiting);
    if (!field.value.trim()) return close();
    waiting = setTimeout(() => ask().catch(close), WAIT);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      // The first press closes the list; the next one may leave the field.
      if (!list.hidden) event.preventDefault();
      return close();
    }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? current + 1 : current - 1);
    } else if (event.key === "Enter" && current >= 0) {
      event.preventDefault();
      choose(list.children[current]);
    }
  });
}
