/** The server's time in milliseconds, from the instant written in the page: a wrong machine clock shows no wrong wait. */
export function serverNow(): number {
  return Date.now() + offset;
}

const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const arrivedAt = performance.timeOrigin + (navigation?.responseStart ?? 0);
const offset = document.body.dataset.now ? Date.parse(document.body.dataset.now) - arrivedAt : 0;
