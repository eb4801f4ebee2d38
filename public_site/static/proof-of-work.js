// The accessible way past the captcha: the browser computes for a few seconds instead of the person reading a code.
//
// Markup, completed by the page without this script being needed for anything else:
//   <div data-proof-of-work data-challenge-url="…">
//     <input type="hidden" name="captcha_proof">
//     <button type="button" data-proof-start hidden>…</button>
//     <progress data-proof-progress max="100" value="0" hidden></progress>
//     <p data-proof-status role="status"></p>
//   </div>
// The address answers the JSON that `Captcha.new_proof` makes. The solution goes into the hidden field; the event
// `proof-solved` is sent from the div. What must not go in: anything about the form around it.

const TRIES_AT_ONCE = 8;
const ANNOUNCED_EVERY = 25; // per cent: a screen reader is told four times, not a hundred.
const ALGORITHM = "PBKDF2/SHA-256";

const TEXT = {
  progress: (percent) => `Vérification en cours\u00a0: ${percent}\u00a0%.`,
  done: "Vérification réussie. Vous pouvez continuer.",
  failed: "La vérification n'a pas abouti. Réessayez, ou recopiez le code de l'image.",
};

function bytesOf(hexadecimal) {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hexadecimalOf(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One try: the key derived from the nonce followed by the counter, as four bytes, highest first. */
async function derivedKey(parameters, nonce, salt, counter) {
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const settings = { name: "PBKDF2", hash: "SHA-256", salt, iterations: parameters.cost };
  return hexadecimalOf(await crypto.subtle.deriveBits(settings, key, parameters.keyLength * 8));
}

/** Finds the counter. Throws if the challenge is of another kind, has no solution, or ends before it is found. */
export async function solve(challenge, onProgress = () => {}) {
  const { parameters } = challenge;
  if (parameters.algorithm !== ALGORITHM) {
    throw new Error(`unknown algorithm ${parameters.algorithm}`);
  }
  const nonce = bytesOf(parameters.nonce);
  const salt = bytesOf(parameters.salt);
  const { most } = parameters.data;
  for (let first = 0; first <= most; first += TRIES_AT_ONCE) {
    if (Date.now() > parameters.expiresAt * 1000) {
      break;
    }
    const counters = Array.from({ length: TRIES_AT_ONCE }, (_, offset) => first + offset);
    const keys = await Promise.all(counters.map((counter) => derivedKey(parameters, nonce, salt, counter)));
    const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
    if (found >= 0) {
      return { challenge, solution: { counter: counters[found], derivedKey: keys[found] } };
    }
    onProgress(Math.min(99, Math.floor((100 * first) / most)));
    // A pause between two batches lets the page answer the person who uses it meanwhile.
    await new Promise((resume) => setTimeout(resume));
  }
  throw new Error("no solution in time");
}

async function run(box) {
  const button = box.querySelector("[data-proof-start]");
  const bar = box.querySelector("[data-proof-progress]");
  const status = box.querySelector("[data-proof-status]");
  let announced = 0;
  button.disabled = true;
  bar.hidden = false;
  status.textContent = TEXT.progress(0);
  try {
    const answer = await fetch(box.dataset.challengeUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      throw new Error(`status ${answer.status}`);
    }
    const payload = await solve(await answer.json(), (percent) => {
      bar.value = percent;
      if (percent >= announced + ANNOUNCED_EVERY) {
        announced = percent - (percent % ANNOUNCED_EVERY);
        status.textContent = TEXT.progress(announced);
      }
    });
    box.querySelector("input[name=captcha_proof]").value = btoa(JSON.stringify(payload));
    bar.value = 100;
    status.textContent = TEXT.done;
    box.dispatchEvent(new CustomEvent("proof-solved", { bubbles: true }));
  } catch {
    bar.hidden = true;
    button.disabled = false;
    status.textContent = TEXT.failed;
  }
}

// `crypto.subtle` exists on https and on this machine only: elsewhere the button stays hidden.
if (globalThis.crypto?.subtle && globalThis.document) {
  for (const box of document.querySelectorAll("[data-proof-of-work]")) {
    const button = box.querySelector("[data-proof-start]");
    button.addEventListener("click", () => run(box));
    button.hidden = false;
  }
}
