import { Controller } from "@hotwired/stimulus";

/** One path of the call at a time; what was typed on another stays where it is. Without scripts all are shown, one below the other. */
export default class extends Controller<HTMLElement> {
  static override targets = ["path", "panel"];

  declare readonly pathTargets: HTMLElement[];
  declare readonly panelTargets: HTMLElement[];

  override connect(): void {
    const first = this.pathTargets[0];
    if (first) this.show(first.dataset.panel ?? "");
  }

  choose(event: Event): void {
    event.preventDefault();
    const { panel } = (event.currentTarget as HTMLElement).dataset;
    this.show(panel ?? "");
    this.panelTargets.find((one) => one.id === panel)?.querySelector<HTMLElement>("[data-first]")?.focus();
  }

  private show(id: string): void {
    for (const panel of this.panelTargets) panel.hidden = panel.id !== id;
    for (const path of this.pathTargets) {
      path.classList.toggle("on", path.dataset.panel === id);
      path.setAttribute("aria-pressed", String(path.dataset.panel === id));
    }
  }
}
