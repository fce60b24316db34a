import { Controller } from "@hotwired/stimulus";

/**
 * A <details> used as a menu: a choice that was accepted closes it, as do Escape and a click elsewhere; after Escape
 * the hand goes back to its summary.
 */
export default class extends Controller<HTMLDetailsElement> {
  override connect(): void {
    document.addEventListener("pointerdown", this.outside);
    document.addEventListener("keydown", this.escape, true);
    this.element.addEventListener("htmx:afterRequest", this.chosen);
  }

  override disconnect(): void {
    document.removeEventListener("pointerdown", this.outside);
    document.removeEventListener("keydown", this.escape, true);
    this.element.removeEventListener("htmx:afterRequest", this.chosen);
  }

  private readonly chosen = (event: Event): void => {
    this.element.open = !(event as CustomEvent<{ successful: boolean }>).detail.successful;
  };

  private readonly outside = (event: Event): void => {
    if (event.target instanceof Node && !this.element.contains(event.target)) this.element.open = false;
  };

  private readonly escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.element.open) return;
    event.preventDefault();
    event.stopPropagation();
    this.element.open = false;
    this.element.querySelector("summary")?.focus();
  };
}
