// How scripts talk to the server: the token of the form in a header, JSON back, one French sentence when it fails.

const NOTHING_HEARD = "Le serveur ne répond pas. Vérifiez votre connexion, puis réessayez.";

export function tokenOf(form) {
  return form?.querySelector('input[name="csrf_token"]')?.value ?? "";
}

export async function send(url, body, token) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRF-Token": token },
    });
  } catch {
    return { ok: false, message: NOTHING_HEARD };
  }
  return { ok: response.ok, ...(await asObject(response)) };
}

async function asObject(response) {
  try {
    return await response.json();
  } catch {
    return { ok: false, message: NOTHING_HEARD };
  }
}

// Ordinary spaces before high punctuation become no-break ones, as the server writes them.
export function french(text) {
  return text.replace(/ (?=[:;?!»])/g, "\u00a0").replace(/« /g, "«\u00a0");
}
