import { TargetsView } from "../../views/targets/targets-view.tsx";
import { TourStart } from "../../views/tour/tour-card.tsx";

/** Where one begins: what can be recorded, and the way in for who is here for the first time. */
export function HomeView() {
  return <TargetsView welcome={<TourStart />} />;
}
