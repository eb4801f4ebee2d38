// Keeps the progress of a bulk action fresh: the server's page is read again and its parts marked data-bulk-part replace
// ours, until it no longer runs. Without this file the link « Actualiser » does the same.

const PAUSE = 2000;

async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-bulk-part]")) {
    const theirs = fresh.querySelector(`[data-bulk-part="${part.dataset.bulkPart}"]`);
    // Whoever stands in a part with the keyboard keeps their place; it changes at the next turn.
    if (theirs && !part.contains(document.activeElement)) part.replaceWith(theirs);
  }
  return fresh.querySelector("[data-bulk-live]") !== null;
}

async function turn() {
  let lives = true;
  try {
    lives = document.hidden || (await refresh());
  } catch {
    // The network comes back or does not; the link remains.
  }
  if (lives || document.querySelector("[data-bulk-live]")) setTimeout(turn, PAUSE);
}

if (document.querySelector("[data-bulk-live]")) setTimeout(turn, PAUSE);
