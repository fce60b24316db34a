import { Controller } from "@hotwired/stimulus";

/** Shows a chosen theme at once (light, dark, or empty for the machine's); the form around it keeps the choice. */
export default class extends Controller<HTMLElement> {
  choose(event: Event): void {
    const { value } = event.target as HTMLInputElement | HTMLSelectElement;
    const machine = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    document.documentElement.dataset.bsTheme = value || machine;
  }
}
