declare module "idiomorph/htmx" {
  export const Idiomorph: {
    defaults: {
      ignoreActiveValue: boolean;
      callbacks: { beforeAttributeUpdated(name: string, node: Element): boolean };
    };
  };
}
