import htmx from "./htmx";

const ATTEMPTS = 20;
const BETWEEN_MS = 100;
const TOLD_AGAIN_MS = 10_000;
const underWay = new Map<string, Promise<void>>();

/** The form in the work area that holds something not yet sent. */
export function dirtyForm(): HTMLFormElement | null {
  return document.querySelector<HTMLFormElement>("#page form[data-dirty]");
}

/** Whether the keyboard belongs to a text that is being typed. */
export function isTyping(): boolean {
  const focused = document.activeElement;
  return focused instanceof HTMLElement && focused.matches("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select");
}

/**
 * Paint a call: its strip at once, and its card unless the work area holds unsent words, which no arriving call
 * takes away. Asked twice for the same call (by the stream and by the telephone), it fetches once.
 */
export function showCall(call: string): Promise<void> {
  const already = underWay.get(call);
  if (already) return already;
  const painting = persist(call).finally(() => underWay.delete(call));
  underWay.set(call, painting);
  return painting;
}

/**
 * A call rings at her desk. A page just made is told again what happened in the seconds before it: there, a ring that
 * is over by now takes nothing away.
 */
export async function showRinging(call: string): Promise<void> {
  if (performance.now() < TOLD_AGAIN_MS) {
    await refreshStrip();
    if (!document.querySelector(`#strip[data-live="${call}"]:not([data-live-state=wrapping_up])`)) return;
  }
  await showCall(call);
}

/** The telephone may ring a moment before the call's row can be read: ask again until it is there. */
async function persist(call: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS && !isShown(call); attempt += 1) {
    if (attempt > 0) await new Promise((resolve) => window.setTimeout(resolve, BETWEEN_MS));
    await paint(call);
  }
}

/** On the card, or on the strip alone while the work area holds words that no call may take away. */
function isShown(call: string): boolean {
  if (document.querySelector(`#page [data-call="${call}"]`)) return true;
  return mustStay() && document.querySelector(`#strip[data-live="${call}"]`) !== null;
}

function mustStay(): boolean {
  return dirtyForm() !== null || (isTyping() && document.activeElement?.closest("#page") !== null);
}

async function paint(call: string): Promise<void> {
  const desk = document.querySelector<HTMLElement>("[data-card-url]");
  if (!desk) return;
  if (mustStay()) return refreshStrip();
  const url = (desk.dataset.cardUrl ?? "").replace("00000000-0000-0000-0000-000000000000", call);
  await htmx.ajax("get", url, { target: "#page", swap: "innerHTML" });
}

async function refreshStrip(): Promise<void> {
  const desk = document.querySelector<HTMLElement>("[data-strip-url]");
  await htmx.ajax("get", desk?.dataset.stripUrl ?? "", { target: "#strip", swap: "outerHTML" });
}

/** A call that rang here and went elsewhere takes its card away, unless something was typed in it. */
export function leaveWithdrawnCall(): void {
  const card = document.querySelector<HTMLElement>("#page [data-call-state=ringing]");
  if (!card || document.querySelector("#strip[data-live]") || dirtyForm()) return;
  delete card.dataset.callState;
  const console = document.querySelector<HTMLElement>("[data-console-url]")?.dataset.consoleUrl ?? "";
  void htmx.ajax("get", console, { target: "#page", swap: "innerHTML" });
}
