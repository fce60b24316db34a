/** What was typed and has not reached the server yet: kept in this browser, per person and per form, for a day at most. */

export type Draft = { at: number; fields: [string, string][] };

const PREFIX = "permanence:draft:";
const KEPT_MS = 24 * 3600 * 1000;

export function keep(person: string, form: string, fields: [string, string][]): void {
  write(() => localStorage.setItem(key(person, form), JSON.stringify({ at: Date.now(), fields })));
}

export function forget(person: string, form: string): void {
  write(() => localStorage.removeItem(key(person, form)));
}

export function kept(person: string, form: string): Draft | null {
  forgetOld();
  return read(key(person, form));
}

function key(person: string, form: string): string {
  return `${PREFIX}${person}:${form}`;
}

function forgetOld(): void {
  for (const name of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const draft = read(name);
    if (!draft || Date.now() - draft.at > KEPT_MS) localStorage.removeItem(name);
  }
}

function read(name: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

/** A full or forbidden storage loses the local copy only: the server's draft remains. */
function write(act: () => void): void {
  try {
    act();
  } catch (refused) {
    console.warn(refused);
  }
}
