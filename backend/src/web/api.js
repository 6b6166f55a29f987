// Talking to the server: the session, its renewal, and errors with the server's own words.

import { t, tag } from "./texts.js";

const KEPT = "tillwatch-session";
const EARLY_MS = 60_000;
let session = JSON.parse(sessionStorage.getItem(KEPT) || "null");
let renewing = null;
export let ended = () => {};
export const onEnded = (f) => { ended = f; };
export const who = () => session;

function keep(next) {
  session = next;
  if (next) sessionStorage.setItem(KEPT, JSON.stringify(next));
  else sessionStorage.removeItem(KEPT);
}

async function ask(method, path, body, token) {
  const headers = { "accept-language": tag() };
  if (body) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  if (method !== "GET") headers["idempotency-key"] = uuid();
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(15_000) });
  } catch {
    throw Object.assign(new Error(t("unreachable")), { status: 0 });
  }
  const text = await answer.text();
  const parsed = text ? JSON.parse(text) : null;
  if (!answer.ok) throw Object.assign(new Error(parsed?.detail || t("unreachable")), { status: answer.status });
  return parsed;
}

// `crypto.randomUUID` exists over HTTPS only.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((b, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + b.toString(16).padStart(2, "0")).join("");
}

export const server = () => ask("GET", "/api/v1/server");
export async function signIn(username, password) {
  keep(await ask("POST", "/api/v1/sessions", { username, password, device: "web" }));
}
export async function signUp(username, password) {
  keep(await ask("POST", "/api/v1/registrations", { username, password, device: "web" }));
}
export async function setUp(username, password, code, store_name) {
  keep(await ask("POST", "/api/v1/setup", { code, username, password, store_name, device: "web" }));
}
export async function signOut() {
  const token = session?.access_token;
  keep(null);
  if (token) await ask("DELETE", "/api/v1/sessions/current", null, token).catch(() => {});
}

// An access token that is good for a while; one renewal at a time.
export async function token() {
  if (!session) throw Object.assign(new Error(t("ended")), { status: 401 });
  if (Date.parse(session.access_expires_at) - Date.now() > EARLY_MS) return session.access_token;
  renewing ??= ask("POST", "/api/v1/sessions/refresh", { refresh_token: session.refresh_token })
    .then(keep, (error) => {
      if (error.status === 401) { keep(null); ended(); }
      throw error;
    })
    .finally(() => { renewing = null; });
  await renewing;
  return session.access_token;
}

export async function get(path) {
  try {
    return await ask("GET", path, null, await token());
  } catch (error) {
    if (error.status === 401) { keep(null); ended(); }
    throw error;
  }
}

// A WebSocket that comes back with growing waits, until `stop()`.
// `say` hears: "connecting", "on", or the seconds until the next attempt.
export function socket(address, { say, message, open, closed }) {
  let current = null, timer = null, wait = 1, stopped = false;
  const connect = async () => {
    say("connecting");
    let url;
    try {
      url = address(encodeURIComponent(await token()));
    } catch {
      return later();
    }
    if (stopped) return;
    current = new WebSocket(url.replace(/^/, `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`));
    current.onopen = () => { wait = 1; say("on"); open?.(current); };
    current.onmessage = (event) => message(JSON.parse(event.data), current);
    current.onclose = (event) => { current = null; if (!stopped && !closed?.(event.code)) later(); };
  };
  const later = () => {
    if (stopped || timer) return;
    let left = Math.round(wait * (0.75 + Math.random() / 2)) || 1;
    wait = Math.min(wait * 2, 60);
    const tick = () => {
      if (left <= 0) { timer = null; connect(); return; }
      say(left);
      left -= 1;
      timer = setTimeout(tick, 1000);
    };
    tick();
  };
  connect();
  return { stop() { stopped = true; clearTimeout(timer); current?.close(); } };
}
