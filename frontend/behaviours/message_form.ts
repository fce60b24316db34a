import { Controller } from "@hotwired/stimulus";

type Confirm = CustomEvent<{ target: Element; elt: Element; issueRequest: (skip: boolean) => void }>;

/**
 * The message form of a call: says what is missing while it is typed, and asks before the work area goes to something
 * else (*garder le brouillon / revenir*). `data-dirty` on the form tells everybody that it holds unsent words.
 */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["needed", "missing", "complete", "name", "number", "readBack", "leave"];
  static override values = { dirty: Boolean };

  declare readonly neededTargets: HTMLInputElement[];
  declare readonly missingTarget: HTMLElement;
  declare readonly completeTarget: HTMLElement;
  declare readonly nameTarget: HTMLInputElement;
  declare readonly numberTarget: HTMLInputElement;
  declare readonly readBackTarget: HTMLInputElement;
  declare readonly leaveTarget: HTMLDialogElement;
  declare readonly hasLeaveTarget: boolean;
  declare readonly dirtyValue: boolean;

  private go?: () => void;
  private first = "";

  override connect(): void {
    this.first = this.typed();
    if (this.dirtyValue) this.element.dataset.dirty = "";
    document.body.addEventListener("htmx:confirm", this.ask as EventListener);
    window.setTimeout(() => this.check()); // after the behaviour autosave has put back what this browser kept
  }

  override disconnect(): void {
    document.body.removeEventListener("htmx:confirm", this.ask as EventListener);
  }

  check(): void {
    if (this.dirtyValue || this.typed() !== this.first) this.element.dataset.dirty = "";
    else delete this.element.dataset.dirty;
    const missing = this.neededTargets.filter((field) => this.lacks(field));
    const dirty = "dirty" in this.element.dataset;
    for (const field of this.neededTargets) {
      const marked = field.type === "checkbox" ? field.closest("label") : field;
      marked?.classList.toggle("is-missing", dirty && missing.includes(field));
    }
    this.missingTarget.hidden = missing.length === 0;
    this.completeTarget.hidden = missing.length > 0;
    const words = this.missingTarget.querySelector("[data-words]");
    if (words) words.textContent = missing.slice(0, 2).map((field) => field.dataset.missing ?? "").join(" ");
  }

  /** « Ce n'est pas cette personne »: what was filled in from the callers' book goes, the hand goes to the name. */
  someoneElse(): void {
    for (const name of ["caller_name", "caller_company"]) this.field(name).value = "";
    this.nameTarget.focus();
    this.nameTarget.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** The known caller is confirmed: the hand goes to the first thing still to say. */
  itIsThem(): void {
    this.element.querySelector<HTMLElement>("textarea")?.focus();
  }

  keepDraft(): void {
    this.leaveTarget.close();
    this.go?.();
  }

  goBack(): void {
    this.leaveTarget.close();
    this.go = undefined;
  }

  private readonly ask = (event: Confirm): void => {
    const { target, elt, issueRequest } = event.detail;
    if (target.id !== "page" || this.element.contains(elt) || !("dirty" in this.element.dataset) || !this.hasLeaveTarget) return;
    event.preventDefault();
    this.go = () => issueRequest(true);
    this.leaveTarget.showModal();
  };

  private lacks(field: HTMLInputElement): boolean {
    if (field === this.readBackTarget) return this.numberTarget.value.trim() !== "" && !field.checked;
    return field.value.trim() === "";
  }

  private field(name: string): HTMLInputElement {
    return this.element.elements.namedItem(name) as HTMLInputElement;
  }

  private typed(): string {
    const fields = [...new FormData(this.element).entries()].filter(([name]) => !["csrfmiddlewaretoken", "submission"].includes(name));
    return JSON.stringify(fields);
  }
}
