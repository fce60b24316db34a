import { Controller } from "@hotwired/stimulus";

const SHOWN_MS = 8000;

/** The confirmation of what one just did, one at a time; it stays while it is pointed at or holds the focus. */
export default class extends Controller<HTMLElement> {
  private timer?: number;

  override connect(): void {
    for (const older of this.element.parentElement?.children ?? []) if (older !== this.element) older.remove();
    this.run();
  }

  override disconnect(): void {
    this.hold();
  }

  hold(): void {
    clearTimeout(this.timer);
  }

  run(): void {
    this.hold();
    this.timer = window.setTimeout(() => this.close(), SHOWN_MS);
  }

  close(): void {
    this.element.remove();
  }
}
