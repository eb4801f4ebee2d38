// Says whether the « Dénomination sociale » differs from the registry's name, as soon as it is typed: the « KBIS » field
// depends on it (rule D1). The state is an <output>, which conditional.js reads and no form sends.

// The same comparison as the server's: letters and digits alone, whatever their case.
function plain(name) {
  return name.toLocaleLowerCase("fr").replace(/[^\p{L}\p{N}]/gu, "");
}

for (const input of document.querySelectorAll("input[data-registry-name]")) {
  const state = input.form.querySelector("[data-name-state]");
  const known = plain(input.dataset.registryName);
  if (!state || !known) continue;
  const judge = () => {
    const typed = plain(input.value);
    state.value = typed !== "" && typed !== known ? "oui" : "non";
  };
  // Before the form hears the same event, so that conditional.js finds the new state.
  input.addEventListener("input", judge);
  judge();
}
