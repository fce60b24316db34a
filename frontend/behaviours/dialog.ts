import { Controller } from "@hotwired/stimulus";

/**
 * A native <dialog>. Opened by the behaviour `opener`, or at once when it arrives in a
 * fragment with data-dialog-open-value="true"; such a dialog leaves the page when it closes.
 */
export default class extends Controller<HTMLDialogElement> {
  static override values = { open: Boolean };
  declare readonly openValue: boolean;

  override connect(): void {
    if (this.openValue) this.element.showModal();
    this.element.addEventListener("close", this.closed);
  }

  override disconnect(): void {
    this.element.removeEventListener("close", this.closed);
  }

  close(): void {
    this.element.close();
  }

  private readonly closed = (): void => {
    if (this.openValue) this.element.remove();
  };
}
