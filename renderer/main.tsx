import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

const place = document.querySelector("#root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <main>Flamewright</main>
    </StrictMode>,
  );
}
