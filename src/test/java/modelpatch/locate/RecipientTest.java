package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import modelpatch.model.ConformanceFamilies;
import modelpatch.model.HeadAddress;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.NextToken;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.Site;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What mediation must be by its definition, and the fast way against the obvious one: one full run for every site. */
class RecipientTest {
    private static final Offset<Double> TINY = within(1e-5);
    private static final int[] NO_PREFIX = {};
    private static final int WIDTH = 2;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gptj", "gemma2", "olmo2", "phi3", "opt", "qwen3", "mistral"})
    void resumedEffectsAreThoseOfOneFullRunPerSite(String architecture) throws IOException {
        try (LanguageModel model = LanguageModel.open(ConformanceFamilies.path(architecture), LoadOptions.defaults())) {
            int[] clean = golden(architecture, 0);
            int[] corrupted = golden(architecture, 1);
            compare(model, NO_PREFIX, clean, corrupted, clean.length - 1, corrupted.length - 1, TINY);
            compare(model, NO_PREFIX, clean, corrupted, 11, corrupted.length - 4, TINY);
        }
    }

    @Test
    @NeedsSmolLm2
    void resumedHeadsOfTheRealModelAreThoseOfOneFullRunPerHead() {
        try (LanguageModel model = LanguageModel.open(SharedModel.smolLm2(), LoadOptions.defaults())) {
            int[] prefix = model.tokenizer().encode("The capital of Kenya is Nairobi.\n");
            int[] guide = model.tokenizer().encodeContinuation("The capital of France is");
            int[] composition =
                    model.tokenizer().encodeContinuation("The capital of the country of citizenship of Victor Hugo is");
            int answer = model.tokenizer().encodeContinuation(" Paris")[0];
            int contrast = model.tokenizer().encodeContinuation(" Rome")[0];
            int from = guide.length - 1;
            int to = composition.length - 1;
            try (RecordedRun donor = model.record(prefix, guide);
                    RecordedRun recipient = model.record(prefix, composition)) {
                Recipient into = new Recipient(model.config(), recipient, answer, contrast, WIDTH);
                SiteEffects effects = into.effects(donor, from, to);
                // of nine heads per layer every tenth: all layers but three and every place within a layer are met
                List<HeadAddress> some = IntStream.range(0, effects.addresses().size())
                        .filter(i -> i % 10 == 0)
                        .mapToObj(i -> effects.addresses().get(i))
                        .toList();
                List<List<Intervention>> sets = some.stream()
                        .map(head -> List.of(Intervention.head(head, to, donor.z(head, from))))
                        .toList();
                List<Readout> naive = naive(model, prefix, composition, sets, answer, contrast);
                for (int i = 0; i < some.size(); i++) {
                    close(
                            effects.head(some.get(i)),
                            Effect.between(into.before(), naive.get(i)),
                            within(1e-4),
                            some.get(i).toString());
                }
            }
        }
    }

    @Test
    void aRunThatIsItsOwnDonorHasNoEffectAnywhere() throws IOException {
        try (LanguageModel model = LanguageModel.open(ConformanceFamilies.path("llama"), LoadOptions.defaults());
                RecordedRun run = model.record(NO_PREFIX, golden("llama", 1))) {
            Recipient into = new Recipient(model.config(), run, 5, 9, WIDTH);
            int last = run.length() - 1;
            for (int position : new int[] {last, 7}) {
                for (Effect effect : all(into.effects(run, position, position))) {
                    close(effect, new Effect(0, 0, 0), TINY, "own donor at " + position);
                }
            }
            assertThat(into.total(run)).isEqualTo(new Effect(0, 0, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "olmo2", "gemma2", "gptj"})
    void allHeadsOfALayerTogetherAreItsAttention(String architecture) throws IOException {
        try (LanguageModel model = LanguageModel.open(ConformanceFamilies.path(architecture), LoadOptions.defaults());
                RecordedRun donor = model.record(NO_PREFIX, golden(architecture, 0));
                RecordedRun recipient = model.record(NO_PREFIX, golden(architecture, 1))) {
            int last = recipient.length() - 1;
            Recipient into = new Recipient(model.config(), recipient, 5, 9, WIDTH);
            SiteEffects effects = into.effects(donor, last, last);
            List<List<Intervention>> sets = new ArrayList<>();
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                int at = layer;
                sets.add(IntStream.range(0, model.config().nHeads())
                        .mapToObj(head -> new HeadAddress(at, head))
                        .map(head -> Intervention.head(head, last, donor.z(head, last)))
                        .toList());
            }
            List<Effect> together = into.effects(last, sets);
            for (int layer = 0; layer < together.size(); layer++) {
                close(effects.layers().attention().get(layer), together.get(layer), TINY, "layer " + layer);
            }
        }
    }

    @Test
    void theResidualAfterTheLastBlockMakesTheRunTheDonors() throws IOException {
        try (LanguageModel model = LanguageModel.open(ConformanceFamilies.path("llama"), LoadOptions.defaults());
                RecordedRun donor = model.record(NO_PREFIX, golden("llama", 0));
                RecordedRun recipient = model.record(NO_PREFIX, golden("llama", 1))) {
            int last = recipient.length() - 1;
            int top = model.config().nLayers() - 1;
            Recipient into = new Recipient(model.config(), recipient, 5, 9, WIDTH);
            SiteEffects effects = into.effects(donor, last, last);
            close(effects.layers().residual().get(top), into.total(donor), TINY, "last token");
            // earlier positions say nothing any more once the last block is done
            close(
                    into.effects(donor, 3, 3).layers().residual().get(top),
                    new Effect(0, 0, 0),
                    TINY,
                    "earlier position");
            int[] all = IntStream.range(0, model.config().dVocab()).toArray();
            Site site = new Site(Site.Kind.RESIDUAL_POST, top);
            double[] patched = recipient
                    .resume(last, List.of(List.of(Intervention.replace(site, last, donor.at(site, last)))), all, false)
                    .get(0)
                    .logits();
            for (int id : all) {
                assertThat(patched[id]).isCloseTo(donor.logits()[id], TINY);
            }
        }
    }

    @Test
    void aWindowOfOneLayerIsThatLayerAndOneOfAllRestoresEverythingAttentionSaid() throws IOException {
        try (LanguageModel model = LanguageModel.open(ConformanceFamilies.path("gpt2"), LoadOptions.defaults());
                RecordedRun donor = model.record(NO_PREFIX, golden("gpt2", 0));
                RecordedRun recipient = model.record(NO_PREFIX, golden("gpt2", 1))) {
            int last = recipient.length() - 1;
            SiteEffects single = new Recipient(model.config(), recipient, 5, 9, 1).effects(donor, last, last);
            int layers = model.config().nLayers();
            for (int layer = 0; layer < layers; layer++) {
                ByLayerSite<List<Effect>> all = single.layers();
                close(all.attentionWindows().get(layer), all.attention().get(layer), TINY, "attention " + layer);
                close(all.mlpWindows().get(layer), all.mlp().get(layer), TINY, "MLP " + layer);
            }
            SiteEffects wide =
                    new Recipient(model.config(), recipient, 5, 9, 2 * layers + 1).effects(donor, last, last);
            for (Effect effect : wide.layers().attentionWindows()) {
                close(effect, wide.layers().attentionWindows().get(0), TINY, "all layers, around each");
            }
        }
    }

    private static void compare(
            LanguageModel model, int[] prefix, int[] clean, int[] corrupted, int from, int to, Offset<Double> offset) {
        int answer = 5;
        int contrast = 9;
        try (RecordedRun donor = model.record(prefix, clean);
                RecordedRun recipient = model.record(prefix, corrupted)) {
            Recipient into = new Recipient(model.config(), recipient, answer, contrast, WIDTH);
            SiteEffects effects = into.effects(donor, from, to);
            int layers = model.config().nLayers();
            List<List<Intervention>> sets = new ArrayList<>();
            for (HeadAddress head : effects.addresses()) {
                sets.add(List.of(Intervention.head(head, to, donor.z(head, from))));
            }
            for (LayerSite site : LayerSite.values()) {
                for (int layer = 0; layer < layers; layer++) {
                    LayerWindow window = site.layers(layer, WIDTH, layers);
                    sets.add(IntStream.rangeClosed(window.first(), window.last())
                            .mapToObj(l -> new Site(site.kind(), l))
                            .map(s -> Intervention.replace(s, to, donor.at(s, from)))
                            .toList());
                }
            }
            List<Readout> naive = naive(model, prefix, corrupted, sets, answer, contrast);
            List<Effect> fast = all(effects);
            assertThat(fast).hasSameSizeAs(naive);
            for (int i = 0; i < fast.size(); i++) {
                close(fast.get(i), Effect.between(into.before(), naive.get(i)), offset, "site " + i);
            }
        }
    }

    /** The oracle: every set of interventions in a full run of its own. */
    private static List<Readout> naive(
            LanguageModel model, int[] prefix, int[] prompt, List<List<Intervention>> sets, int answer, int contrast) {
        List<Readout> readouts = new ArrayList<>();
        for (List<Intervention> set : sets) {
            float[] logits = model.run(prefix, List.of(prompt), java.util.Set.of(), List.of(set))
                    .logits(0);
            readouts.add(new Readout(new double[] {logits[answer], logits[contrast]}, NextToken.logSumExp(logits)));
        }
        return readouts;
    }

    private static List<Effect> all(SiteEffects effects) {
        List<Effect> all = new ArrayList<>();
        effects.heads().forEach(all::addAll);
        for (LayerSite site : LayerSite.values()) {
            all.addAll(effects.layers().of(site));
        }
        return all;
    }

    private static void close(Effect found, Effect expected, Offset<Double> offset, String what) {
        assertThat(found.probability()).as(what).isCloseTo(expected.probability(), offset);
        assertThat(found.logOdds()).as(what).isCloseTo(expected.logOdds(), offset);
        assertThat(found.logitDifference()).as(what).isCloseTo(expected.logitDifference(), offset);
    }

    private static int[] golden(String architecture, int sequence) throws IOException {
        JsonNode ids = new ObjectMapper()
                .readTree(ConformanceFamilies.path(architecture)
                        .resolve("golden.json")
                        .toFile())
                .get("input_ids")
                .get(sequence);
        return IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray();
    }
}
