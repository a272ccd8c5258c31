package modelpatch.repair;

import java.util.List;
import java.util.SplittableRandom;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.edit.EditPlan;
import modelpatch.evaluate.Onlooker;

/**
 * The plans that an edit goes by, best first: what was wished for, or what a search on choose cases found; a search is kept beside other
 * things that can be computed again and is not made twice for the same findings and options.
 *
 * @param ranked all that the search looked at; empty where nothing was searched
 */
record PlanChoice(List<EditPlan> plans, List<RankedPlan> ranked) {
    /** Plans that a single case may choose among. */
    private static final int SHORTLIST = 3;

    /**
     * Chooses.
     *
     * @param source where the findings lie, for a message
     * @param eligible how many cases there are to repair
     * @param jointly whether they get one patch
     */
    static PlanChoice of(
            Setup setup,
            RepairOptions options,
            Surroundings around,
            String source,
            int eligible,
            boolean jointly,
            Onlooker onlooker) {
        if (options.searchCases() == 0) {
            List<EditPlan> atOnce =
                    options.wishes().atOnce(setup.findings(), setup.patcher().base(), jointly ? eligible : 1);
            setup.patcher().expect(atOnce);
            return new PlanChoice(jointly ? atOnce.subList(0, 1) : atOnce, List.of());
        }
        List<EditPlan> plans =
                options.wishes().plans(setup.findings(), setup.patcher().base(), jointly ? eligible : 1);
        if (plans.isEmpty()) {
            throw new BadInput(
                    "nowhere to edit",
                    source,
                    "a located window or head",
                    "none",
                    "give --layers or --heads, or find on more cases");
        }
        List<CompositionalCase> choose = SeededOrder.shuffled(
                setup.findings().split().choose().failures().stream()
                        .map(setup::find)
                        .toList(),
                jointly ? eligible : options.searchCases(),
                new SplittableRandom(setup.findings().seed()));
        if (plans.size() == 1 || choose.isEmpty()) {
            return new PlanChoice(List.of(plans.get(0)), List.of());
        }
        String key = KeptSearches.key(setup, options, around, plans, jointly ? eligible : 0);
        KeptSearches kept = new KeptSearches(around.cache().resolve("searches"));
        List<RankedPlan> ranked = kept.of(key, () -> {
            setup.patcher().expect(plans);
            try (Onlooker.Part progress = onlooker.begin("search")) {
                SearchNotes notes = kept.notes(key);
                List<RankedPlan> found = new Search(setup.patcher(), setup.forecast(), options.finalists(), notes)
                        .rank(plans, choose, jointly, progress);
                notes.close();
                return found;
            }
        });
        List<EditPlan> best = ranked.stream()
                .filter(one -> one.score().isPresent())
                .map(RankedPlan::plan)
                .limit(SHORTLIST)
                .toList();
        return new PlanChoice(best, ranked);
    }

    String method() {
        return plans.get(0).method().key();
    }
}
