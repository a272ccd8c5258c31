package modelpatch.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Query;
import modelpatch.cases.Relations;
import modelpatch.edit.TinyWorld;
import modelpatch.evaluate.Frame;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Rivals;
import modelpatch.model.ActivationCache;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;
import modelpatch.model.Site;
import modelpatch.model.TokenIds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackPatchTest {
    @TempDir
    Path folder;

    private TinyWorld world;
    private LanguageModel model;
    private int layers;

    @BeforeEach
    void open() throws IOException {
        world = TinyWorld.at(folder);
        model = world.open();
        layers = model.config().nLayers();
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static Site post(int layer) {
        return new Site(Site.Kind.RESIDUAL_POST, layer);
    }

    /** The definition, by two whole runs. */
    private float[] twice(int[] prompt, int at, int from, int to) {
        ActivationCache first = model.run(new int[0], List.of(prompt), Set.of(post(from)), List.of());
        float[] late = first.at(0, post(from), at).clone();
        return model.run(
                        new int[0],
                        List.of(prompt),
                        Set.of(),
                        List.of(List.of(Intervention.replace(post(to), at, late))))
                .logits(0);
    }

    @Test
    void theSecondRunHasTheLaterStateInTheEarlierPlace() {
        int[] prompt = {7, 8, 9, 10};
        BackPatch back = new BackPatch(layers - 1, 0, BackPatch.Place.PHRASE_END);
        try (BackPatched remedy = BackPatched.of(model, back, ids -> Optional.of(1))) {
            float[] found =
                    remedy.answers().nextLogits(new int[0], List.of(prompt)).get(0);
            assertThat(found).containsExactly(twice(prompt, 1, layers - 1, 0), within(1e-6f));
            assertThat(Arrays.equals(
                            found, model.nextLogits(new int[0], List.of(prompt)).get(0)))
                    .isFalse();
        }
    }

    @Test
    void aPromptWithoutAKnownPlaceIsAnsweredAsEver() {
        int[] prompt = {7, 8, 9};
        BackPatch back = new BackPatch(1, 0, BackPatch.Place.LAST);
        try (BackPatched remedy = BackPatched.of(model, back, ids -> Optional.empty())) {
            assertThat(remedy.answers().nextLogits(new int[0], List.of(prompt)).get(0))
                    .isEqualTo(model.nextLogits(new int[0], List.of(prompt)).get(0));
        }
    }

    /** The place stays where the prompt had it while the answer grows; logits, text and probabilities are of one mind. */
    @Test
    void theTextIsTheLikeliestTokenAfterAnother() {
        int[] prefix = {5, 6};
        int[] prompt = {7, 8, 9};
        BackPatch back = new BackPatch(1, 0, BackPatch.Place.LAST);
        try (BackPatched remedy = BackPatched.of(model, back, ids -> Optional.of(4))) {
            int[] written = remedy.answers()
                    .generate(prefix, List.of(prompt), 3, ids -> false)
                    .get(0);
            int[] sequence = {5, 6, 7, 8, 9};
            double[] logProbabilities = remedy.answers()
                    .logProbabilities(prefix, List.of(prompt), List.of(written))
                    .get(0);
            for (int step = 0; step < written.length; step++) {
                float[] logits = twice(sequence, 4, 1, 0);
                assertThat(NextToken.argmax(logits)).isEqualTo(written[step]);
                assertThat(logProbabilities[step])
                        .isCloseTo(logits[written[step]] - NextToken.logSumExp(logits), within(1e-5));
                sequence = TokenIds.joined(sequence, written[step]);
            }
        }
    }

    /** What the search reads from resumed runs is what whole runs say. */
    @Test
    void resumedLeadsAreThoseOfWholeRuns() {
        Protocol protocol = TinyWorld.protocol();
        AskedSuite asked = AskedSuite.of(world.suite(), Relations.read(world.relations()), EntityNames.none());
        Rivals rivals = Rivals.neededBy(protocol.as(Protocol.Kind.SCORED), asked, 1);
        KnownPrompts known = new KnownPrompts(model, protocol, world.suite());
        BackPatchSearch search = new BackPatchSearch(model, protocol, rivals, known);
        List<CompositionalCase> cases = world.suite().cases().subList(0, 2);
        List<double[]> leads = search.leads(cases, Progress.UNWATCHED);
        List<BackPatch> all = BackPatchSearch.all(layers);
        assertThat(search.pairs()).isEqualTo(layers * (layers - 1)).isEqualTo(all.size());
        for (int i = 0; i < cases.size(); i++) {
            Query query = cases.get(i).primary();
            Question question = rivals.joinedTo(
                    Question.of(query, cases.get(i).answers()), cases.get(i).lastHop());
            List<String> names = new java.util.ArrayList<>(question.spoken());
            names.addAll(question.rivals());
            PromptEncoder.Continued encoded = new PromptEncoder(model, Frame.NONE).encode(query.prompt(), names);
            int end = known.phraseEnd(encoded.prompt()).orElseThrow();
            assertThat(end).isLessThan(encoded.prompt().length);
            for (int pair = 0; pair < all.size(); pair++) {
                BackPatch back = all.get(pair);
                int at = back.place() == BackPatch.Place.LAST ? encoded.prompt().length - 1 : end;
                float[] logits = twice(encoded.prompt(), at, back.from(), back.to());
                double rival = encoded.answers().stream()
                        .skip(1)
                        .mapToDouble(ids -> logits[ids[0]])
                        .max()
                        .orElseThrow();
                double lead = logits[encoded.answers().get(0)[0]] - rival;
                assertThat(leads.get(i)[pair]).as(back.toString()).isCloseTo(lead, within(1e-4));
            }
        }
    }

    @Test
    void onlyBackwardsIsBack() {
        assertThatThrownBy(() -> new BackPatch(1, 1, BackPatch.Place.LAST))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new BackPatch(4, 1, BackPatch.Place.PHRASE_END)).hasToString("L4 to L1 at phrase end");
    }
}
