package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import modelpatch.guard.SuiteHistory;

/** What suites found on models over time, as SVG. */
public final class HistoryPlot {
    private HistoryPlot() {}

    /** Two panels for each suite: shares of its cases, and drift. */
    public static String svg(List<SuiteHistory.Entry> entries) {
        List<TrendPlot.Panel> panels = new ArrayList<>();
        for (String suite :
                entries.stream().map(SuiteHistory.Entry::suite).distinct().toList()) {
            List<SuiteHistory.Entry> runs =
                    entries.stream().filter(one -> one.suite().equals(suite)).toList();
            List<String> steps = runs.stream().map(SuiteHistory.Entry::model).toList();
            panels.add(new TrendPlot.Panel(
                    suite + ": share of its cases",
                    steps,
                    List.of(
                            share("hold", runs, SuiteHistory.Entry::holds),
                            share("fail", runs, SuiteHistory.Entry::fails)),
                    OptionalDouble.empty()));
            panels.add(new TrendPlot.Panel(
                    suite + ": mean KL from the base, nats",
                    steps,
                    List.of(new TrendPlot.Series(
                            "mean KL",
                            runs.stream().map(SuiteHistory.Entry::klMean).toList())),
                    OptionalDouble.empty()));
        }
        return TrendPlot.svg(panels);
    }

    private static TrendPlot.Series share(
            String name, List<SuiteHistory.Entry> runs, ToDoubleFunction<SuiteHistory.Entry> cases) {
        return new TrendPlot.Series(
                name,
                runs.stream()
                        .map(one -> OptionalDouble.of(cases.applyAsDouble(one) / one.cases()))
                        .toList());
    }
}
