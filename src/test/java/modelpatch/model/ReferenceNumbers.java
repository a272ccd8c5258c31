package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;

/**
 * A golden.json of a conformance checkpoint: logits, greedy continuation, lens and every patched head. The tolerance is the promise of the
 * design: two honest float32 programs differ by rounding alone, some 1e-6 at logits of order 1.
 */
record ReferenceNumbers(JsonNode golden) {
    private static final int[] NO_PREFIX = {};
    private static final Offset<Double> TOLERANCE = within(1e-5);

    static ReferenceNumbers of(Path directory) throws IOException {
        return new ReferenceNumbers(
                new ObjectMapper().readTree(directory.resolve("golden.json").toFile()));
    }

    /** Fails where the model gives other numbers. */
    void areReproducedBy(LanguageModel model) {
        int[] clean = ints(golden.get("input_ids").get(0));
        int[] corrupted = ints(golden.get("input_ids").get(1));
        logitsAtAllPositions(model, golden, clean, corrupted);
        assertThat(model.generate(NO_PREFIX, List.of(clean), 12, ids -> false).get(0))
                .isEqualTo(ints(golden.get("greedy")));
        if (golden.has("lens")) {
            lensOfEveryLayer(model, golden, clean);
        }
        everyHeadPatched(model, golden, clean, corrupted);
    }

    private static void logitsAtAllPositions(LanguageModel model, JsonNode golden, int[] clean, int[] corrupted) {
        for (int sequence = 0; sequence < 2; sequence++) {
            float[][] logits = model.allLogits(NO_PREFIX, sequence == 0 ? clean : corrupted);
            for (int position = 0; position < logits.length; position++) {
                close(logits[position], golden.get("logits").get(sequence).get(position), "position " + position);
            }
        }
    }

    private static void lensOfEveryLayer(LanguageModel model, JsonNode golden, int[] clean) {
        int layers = model.config().nLayers();
        Set<Site> sites = new HashSet<>();
        IntStream.range(0, layers).forEach(l -> sites.add(new Site(Site.Kind.RESIDUAL_POST, l)));
        ActivationCache cache = model.run(NO_PREFIX, List.of(clean), sites, List.of());
        List<float[]> residuals = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            residuals.add(cache.at(0, new Site(Site.Kind.RESIDUAL_POST, layer), clean.length - 1));
        }
        int[] all = IntStream.range(0, model.config().dVocab()).toArray();
        LensReading reading = model.lens(residuals, all, true);
        for (int layer = 0; layer < layers; layer++) {
            close(reading.logits()[layer], golden.get("lens").get(layer), "lens of layer " + layer);
        }
    }

    private static void everyHeadPatched(LanguageModel model, JsonNode golden, int[] clean, int[] corrupted) {
        int last = clean.length - 1;
        int[] all = IntStream.range(0, model.config().dVocab()).toArray();
        List<HeadAddress> heads = new ArrayList<>();
        List<List<Intervention>> sets = new ArrayList<>();
        try (RecordedRun donor = model.record(NO_PREFIX, clean);
                RecordedRun recipient = model.record(NO_PREFIX, corrupted)) {
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                for (int head = 0; head < model.config().nHeads(); head++) {
                    HeadAddress address = new HeadAddress(layer, head);
                    heads.add(address);
                    sets.add(List.of(Intervention.head(address, last, donor.z(address, last))));
                }
            }
            List<Readout> patched = recipient.resume(last, sets, all, false);
            for (int i = 0; i < heads.size(); i++) {
                JsonNode expected = golden.get("head_patch")
                        .get(heads.get(i).layer())
                        .get(heads.get(i).head());
                close(patched.get(i).logits(), expected, heads.get(i).toString());
            }
        }
    }

    private static void close(float[] found, JsonNode expected, String what) {
        close(IntStream.range(0, found.length).mapToDouble(i -> found[i]).toArray(), expected, what);
    }

    private static void close(double[] found, JsonNode expected, String what) {
        assertThat(found).hasSize(expected.size());
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i])
                    .as(what + ", token " + i)
                    .isCloseTo(expected.get(i).asDouble(), TOLERANCE);
        }
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }
}
