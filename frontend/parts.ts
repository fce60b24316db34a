import.meta.glob(["./styles/*.css", "!./styles/tokens.css", "!./styles/permanence.css"], { eager: true });
