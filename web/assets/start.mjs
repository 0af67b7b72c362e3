// Pages work without this; it only makes the components of the design system livelier.
import { initAll } from "./govuk-frontend.min.js";

initAll();
