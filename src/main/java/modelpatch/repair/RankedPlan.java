package modelpatch.repair;

import java.util.Optional;
import modelpatch.edit.EditPlan;
import modelpatch.edit.Forecast;

/**
 * One plan with what a search knows of it.
 *
 * @param forecast what was predicted; empty where the solve failed
 * @param score what came out; empty where it was not tried
 * @param refusal why the solve failed, if it did
 */
public record RankedPlan(
        EditPlan plan, Optional<Forecast.Prediction> forecast, Optional<PlanScore> score, Optional<String> refusal) {}
