package modelpatch.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.CremeMetric;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;

/**
 * An edited prompt in the metric of the CREME paper, before and after; for comparison with its tables.
 *
 * @param probe the prompt, its answer and what the model said instead
 */
record CremeReading(CremeMetric.Probe probe, CremeMetric.Reading before, CremeMetric.Reading after) {

    /** Reads the items of the correction set. */
    static List<CremeReading> of(
            LanguageModel base, LanguageModel patched, Protocol protocol, PairedEvaluation evaluation) {
        List<CremeMetric.Probe> probes = new ArrayList<>();
        for (PairedEvaluation.Item item : evaluation.items()) {
            if (item.probe().set() == EditSet.CORRECTION) {
                String wrong = item.before().predicted();
                probes.add(new CremeMetric.Probe(
                        item.probe().edited(),
                        item.probe().question().prompt(),
                        item.probe().question().answers().get(0),
                        item.before().right() || wrong.isBlank() ? Optional.empty() : Optional.of(wrong)));
            }
        }
        List<CremeMetric.Reading> before = CremeMetric.read(base, protocol, probes);
        List<CremeMetric.Reading> after = CremeMetric.read(patched, protocol, probes);
        List<CremeReading> readings = new ArrayList<>();
        for (int i = 0; i < probes.size(); i++) {
            readings.add(new CremeReading(probes.get(i), before.get(i), after.get(i)));
        }
        return readings;
    }
}
