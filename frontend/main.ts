import "./styles";
import "./shared/htmx";
import { Application, type ControllerConstructor } from "@hotwired/stimulus";

const application = Application.start();
const behaviours = import.meta.glob<{ default: ControllerConstructor }>("./behaviours/*.ts", { eager: true });
for (const [path, behaviour] of Object.entries(behaviours)) {
  const name = path.replace(/^.*\/(.+)\.ts$/, "$1").replaceAll("_", "-");
  application.register(name, behaviour.default);
}
