package modelpatch.report;

import java.util.List;
import java.util.Locale;
import modelpatch.Numbers;
import modelpatch.cases.Planted;
import modelpatch.locate.Diagnosis;
import modelpatch.locate.PlantedTruth;

/** Diagnoses against the planted truth, for a reader. */
final class PlantedView {
    private PlantedView() {}

    static String text(PlantedTruth truth) {
        PlantedTruth.Side report = truth.report();
        List<Diagnosis> met = List.of(Diagnosis.values()).stream()
                .filter(diagnosis -> report.diagnoses().values().stream().anyMatch(counts -> counts.get(diagnosis) > 0))
                .toList();
        String[] headers = new String[met.size() + 1];
        headers[0] = "withheld in training";
        for (int i = 0; i < met.size(); i++) {
            headers[i + 1] = met.get(i).words() + ">";
        }
        Table table = Table.of(headers);
        report.diagnoses().forEach((withheld, counts) -> {
            Object[] cells = new Object[headers.length];
            cells[0] = withheld == Planted.NOTHING
                    ? "only the pair"
                    : withheld.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            for (int i = 0; i < met.size(); i++) {
                cells[i + 1] = counts.get(met.get(i));
            }
            table.row(cells);
        });
        return "diagnosis against the planted truth, report side (k and the halfway layer were chosen on the other)\n"
                + table + "\nof those that the lens decides, rightly: first hop withheld "
                + report.firstHop().share()
                + ", second hop " + report.secondHop().share() + "; balanced accuracy "
                + Numbers.percent(report.balancedAccuracy()) + " (choose side "
                + Numbers.percent(truth.choose().balancedAccuracy()) + ")";
    }
}
