// The order is the cascade: Tabler, our values, our pieces, then what each part adds.
import "@tabler/core/dist/css/tabler.min.css";
import "@fontsource-variable/inter/index.css";
import "./styles/tokens.css";
import "./styles/permanence.css";
import "./parts";
