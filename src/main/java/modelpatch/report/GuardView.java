package modelpatch.report;

import java.util.List;
import modelpatch.Numbers;
import modelpatch.guard.CaseResult;
import modelpatch.guard.SetResult;
import modelpatch.guard.SuiteResult;

/** What regression suites found, for a reader: one table, then what failed. */
public final class GuardView {
    private static final int SHOWN = 10;

    private GuardView() {}

    /** One table over all suites, the failing cases in full up to a few, and the verdict. */
    public static String text(List<SuiteResult> results) {
        Table table = Table.of("suite", "what", "found", "limit", "");
        for (SuiteResult result : results) {
            for (SetResult set : result.sets()) {
                table.row(
                        result.suite(),
                        set.set(),
                        found(set),
                        set.allowed() + " may fail",
                        set.passed() ? "ok" : "BROKEN");
            }
            for (SuiteResult.Check check : result.checks()) {
                table.row(result.suite(), check.name(), check.found(), check.limit(), check.passed() ? "ok" : "BROKEN");
            }
        }
        StringBuilder text = new StringBuilder(table.toString()).append('\n');
        results.forEach(result -> details(text, result));
        boolean passed = results.stream().allMatch(SuiteResult::passed);
        return text.append(passed ? "\nall hold" : "\nBROKEN").toString();
    }

    private static String found(SetResult set) {
        return set.holds() + " of " + set.cases() + " hold"
                + (set.tied() > 0 ? ", " + set.tied() + " tied" : "")
                + (set.fails() > 0 ? ", " + set.fails() + " wrong" : "");
    }

    private static void details(StringBuilder text, SuiteResult result) {
        List<CaseResult> failing = result.failing();
        for (CaseResult one : failing.subList(0, Math.min(SHOWN, failing.size()))) {
            text.append('\n').append(one.set()).append(": ").append(one.id()).append('\n');
            text.append(one.message().indent(2));
        }
        if (failing.size() > SHOWN) {
            text.append("\n... and ").append(failing.size() - SHOWN).append(" more; --json names all\n");
        }
        long changed = result.cases().stream()
                .filter(one -> one.changed() && !one.fails())
                .count();
        String baseline = switch (result.baseline()) {
            case NONE -> "no baseline; `patch guard update --accept` records one";
            case STALE -> "the baseline is of another text of this suite; `patch guard update` shows what differs";
            case COMPARED ->
                changed == 0
                        ? "as the baseline says"
                        : changed + " answers hold in other words than the baseline's; `patch guard update` shows them";
        };
        text.append(Numbers.format(
                "\n%s: %s on %s in %.1f s, %s MB; %s\n",
                result.suite(),
                result.protocol(),
                result.model()
                        + (result.patches().isEmpty()
                                ? ""
                                : " with " + result.patches().size() + " patches"),
                result.seconds(),
                Numbers.decimal(result.modelBytes() / 1e6, 1),
                baseline));
    }
}
