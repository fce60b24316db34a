import { Controller } from "@hotwired/stimulus";

/** Around a passkey button: hides what this browser or address cannot do, and says when a passkey was not read. */
export default class extends Controller<HTMLElement> {
  static override targets = ["use", "refusal", "unable"];
  declare readonly useTarget: HTMLElement;
  declare readonly refusalTarget: HTMLElement;
  declare readonly hasUnableTarget: boolean;
  declare readonly unableTarget: HTMLElement;

  override connect(): void {
    const named = !/^[\d.]+$|:|\[/.test(location.hostname); // browsers make no passkey for a bare IP address
    if ("PublicKeyCredential" in window && named) return;
    this.useTarget.hidden = true;
    if (this.hasUnableTarget) this.unableTarget.hidden = false;
  }

  refused(event: Event): void {
    event.preventDefault();
    this.refusalTarget.hidden = false;
  }
}
