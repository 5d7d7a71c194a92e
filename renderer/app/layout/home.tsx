import { TargetsView } from "../../views/targets/targets-view.tsx";
import { WelcomeCard } from "../../views/welcome/welcome-card.tsx";

/** Where one begins: what can be recorded, and the way in for who is here for the first time. */
export function HomeView() {
  return <TargetsView welcome={<WelcomeCard />} />;
}
