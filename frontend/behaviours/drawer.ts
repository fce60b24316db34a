import { Controller } from "@hotwired/stimulus";

/** On a tablet the queue is a drawer over the work area; elsewhere it is a column and this does nothing visible. */
export default class extends Controller<HTMLElement> {
  static override targets = ["drawer", "button"];

  declare readonly drawerTarget: HTMLElement;
  declare readonly buttonTargets: HTMLElement[];

  override connect(): void {
    document.addEventListener("keydown", this.escape, true);
    this.drawerTarget.addEventListener("click", this.chosen);
  }

  override disconnect(): void {
    document.removeEventListener("keydown", this.escape, true);
    this.drawerTarget.removeEventListener("click", this.chosen);
  }

  toggle(): void {
    this.put(!this.isOpen);
    if (this.isOpen) this.drawerTarget.focus();
  }

  private get isOpen(): boolean {
    return this.drawerTarget.classList.contains("is-open");
  }

  private put(open: boolean): void {
    this.drawerTarget.classList.toggle("is-open", open);
    for (const button of this.buttonTargets) button.setAttribute("aria-expanded", String(open));
  }

  private readonly chosen = (event: Event): void => {
    if (event.target instanceof Element && event.target.closest("a")) this.put(false);
  };

  private readonly escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.isOpen) return;
    event.preventDefault();
    event.stopPropagation();
    this.put(false);
  };
}
