// Everything that a stage looks like, for widget and file alike.
import "../shared/theme.css";
import "./header.css";
import "./tabs.css";
import "./molecule.css";
import "./lens.css";
import "./spelled.css";
import "./stage.css";
import "./save.css";
import "./run.css";
import "./compare.css";
import "./matrices.css";
import "./presenting.css";
