// Keeps the progress of a long work fresh: the server's page is read again and its parts marked data-progress-part replace
// ours, until it no longer runs. Without this file the link « Actualiser » does the same.

const PAUSE = 2000;
// The answer to a button that came too late has the address of that button, which shows nothing by itself.
const from = document.querySelector("[data-progress-from]")?.dataset.progressFrom ?? location.href;

async function refresh() {
  const answer = await fetch(from, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-progress-part]")) {
    const theirs = fresh.querySelector(`[data-progress-part="${part.dataset.progressPart}"]`);
    // Whoever stands in a part with the keyboard keeps their place; it changes at the next turn.
    if (theirs && !part.contains(document.activeElement)) part.replaceWith(theirs);
  }
  return fresh.querySelector("[data-progress-live]") !== null;
}

async function turn() {
  let lives = true;
  try {
    lives = document.hidden || (await refresh());
  } catch {
    // The network comes back or does not; the link remains.
  }
  if (lives || document.querySelector("[data-progress-live]")) setTimeout(turn, PAUSE);
}

if (document.querySelector("[data-progress-live]")) setTimeout(turn, PAUSE);
