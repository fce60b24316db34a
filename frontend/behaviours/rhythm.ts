import { Controller } from "@hotwired/stimulus";

/** Shows only the fields of the chosen radio: `data-rhythm="weekly"` belongs to the value `weekly`. Without it, all show. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["part"];
  declare readonly partTargets: HTMLElement[];

  override connect(): void {
    this.element.addEventListener("change", this.show);
    this.show();
  }

  override disconnect(): void {
    this.element.removeEventListener("change", this.show);
  }

  private show = (): void => {
    const chosen = new FormData(this.element).get("rhythm");
    for (const part of this.partTargets) part.hidden = part.dataset.rhythm !== chosen;
  };
}
