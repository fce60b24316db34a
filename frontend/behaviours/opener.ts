import { Controller } from "@hotwired/stimulus";

/** A button that opens the dialog whose id is in aria-controls: data-controller="opener" data-action="opener#open". */
export default class extends Controller<HTMLElement> {
  open(): void {
    const dialog = document.getElementById(this.element.getAttribute("aria-controls") ?? "");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  }
}
