import { Controller } from "@hotwired/stimulus";

const LOCKED_MS = 8000;

/** A double click sends a form once; the form opens again when it is answered, or after a while without an answer. */
export default class extends Controller<HTMLElement> {
  private readonly sent = new WeakMap<HTMLFormElement, number>();
  private leaving = new AbortController();

  override connect(): void {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    document.addEventListener("submit", this.guard, { capture: true, signal });
    document.addEventListener("htmx:beforeRequest", (event) => this.lock(formOf(event)), { signal });
    document.addEventListener("htmx:afterRequest", (event) => this.unlock(formOf(event)), { signal });
    window.addEventListener("pageshow", () => [...document.forms].forEach((form) => this.unlock(form)), { signal });
  }

  override disconnect(): void {
    this.leaving.abort();
  }

  private readonly guard = (event: Event): void => {
    const form = event.target as HTMLFormElement;
    if (Date.now() - (this.sent.get(form) ?? 0) < LOCKED_MS) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (form.method === "post") {
      // htmx prevents the ordinary submission and locks when its own request leaves.
      queueMicrotask(() => event.defaultPrevented || this.lock(form));
    }
  };

  private lock(form: HTMLFormElement | null): void {
    if (form) this.sent.set(form, Date.now());
  }

  private unlock(form: HTMLFormElement | null): void {
    if (form) this.sent.delete(form);
  }
}

/** The form that an htmx request submits; requests of other elements inside a form lock nothing. */
function formOf(event: Event): HTMLFormElement | null {
  const { elt } = (event as CustomEvent<{ elt: Element }>).detail;
  return elt instanceof HTMLFormElement ? elt : null;
}
