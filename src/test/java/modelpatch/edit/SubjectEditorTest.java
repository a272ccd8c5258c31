package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Progress;
import modelpatch.locate.Findings;
import modelpatch.model.ActivationCache;
import modelpatch.model.HeadAddress;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published editors of facts, each against its formula worked out densely, in double, by Gauss and Jordan. */
class SubjectEditorTest {
    private static final List<String> CONTEXTS = List.of("{}", "the river is naa . {}", "a nab has as guard . {}");

    @TempDir
    static Path folder;

    private static LanguageModel model;
    private static PromptMaker prompts;
    private static Workbench bench;
    private static CompositionalCase one;
    private static List<CompositionalCase> two;

    @BeforeAll
    static void open() throws IOException {
        TinyWorld world = TinyWorld.at(folder);
        Findings findings = world.find();
        CaseSuite suite = world.suite();
        model = world.open();
        prompts = world.prompts(model, findings, CONTEXTS, List.of());
        bench = new Workbench(model, TinyWorld.protocol(), SubjectEditorTest::moments, Progress.UNWATCHED);
        two = findings.failures().stream()
                .limit(2)
                .map(failure -> suite.find(failure.id()).orElseThrow())
                .toList();
        one = two.get(0);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static SecondMoments moments(EditedMatrix matrix) {
        return TinyWorld.moments(model, prompts, matrix, folder.resolve("moments"));
    }

    private static Matrix moment(int layer) {
        return moments(EditedMatrix.W_DOWN).at(layer).matrix();
    }

    private static Edit edit(List<CompositionalCase> cases, EditPlan plan) {
        return bench.edit(prompts.of(cases, plan), plan);
    }

    private static EditPrompts.Encoded encoded(EditPlan plan) {
        return prompts.of(List.of(one), plan).encode(model, TinyWorld.protocol());
    }

    /** The mean over the contexts of what a site has at the subject's last token, read by whole runs. */
    private static Matrix atSubject(LanguageModel of, Site site, EditPlan plan) {
        EditPrompts.Encoded encoded = encoded(plan);
        List<int[]> ids = encoded.ids().get(Role.EDIT);
        ActivationCache cache = of.run(encoded.prefix(), ids, Set.of(site), List.of(), false);
        double[] mean = null;
        for (int i = 0; i < ids.size(); i++) {
            float[] row = cache.at(i, site, encoded.told().get(i).subject());
            mean = mean == null ? new double[row.length] : mean;
            for (int c = 0; c < row.length; c++) {
                mean[c] += row[c] / (double) ids.size();
            }
        }
        return Matrix.of(mean.length, 1, mean);
    }

    private static Matrix key(LanguageModel of, int layer, EditPlan plan) {
        return atSubject(of, new Site(Site.Kind.MLP_HIDDEN, layer), plan);
    }

    private static Matrix movements(LayerEdit layer) {
        return layer.solution().orElseThrow().movements();
    }

    // ---- what an editor is told

    @Test
    void theSubjectIsTheHeadEntityAndItsLastTokenIsMarkedInEveryContext() {
        EditPlan plan = EditPlan.of(Method.ROME, List.of(1));
        EditPrompts fed = prompts.of(List.of(one), plan);
        assertThat(fed.rows()).hasSize(CONTEXTS.size()).allSatisfy(row -> {
            assertThat(row.goal().orElseThrow().answer()).isEqualTo(one.answer());
            assertThat(row.goal().orElseThrow().subject().in(row.composition())).isEqualTo(one.subject());
        });
        EditPrompts.Encoded encoded = encoded(plan);
        assertThat(encoded.told()).hasSize(CONTEXTS.size()).allSatisfy(told -> {
            assertThat(model.tokenizer().decode(new int[] {told.ids()[told.subject()]}))
                    .isEqualTo(one.subject());
            assertThat(model.tokenizer().decode(told.target()).strip()).isEqualTo(one.answer());
        });
    }

    @Test
    void anEditorWithoutLabelsIsToldNoAnswer() {
        for (Method method : Method.values()) {
            EditPrompts fed = prompts.of(List.of(one), EditPlan.of(method, List.of(1)));
            assertThat(fed.rows()).as(method.key()).allMatch(row -> row.goal().isPresent() == method.isTold());
        }
    }

    @Test
    void aControlTowardsAnotherGuideIsToldTheOthersAnswer() {
        EditPrompts fed = prompts.of(List.of(one), EditPlan.of(Method.ROME, List.of(1)), other -> two.get(1));
        assertThat(fed.rows())
                .allMatch(row ->
                        row.goal().orElseThrow().answer().equals(two.get(1).answer()));
    }

    // ---- ROME

    @Test
    void romeIsTheRankOneUpdateOfItsPaperWithTheAveragedKeyInBothPlaces() {
        EditPlan plan = EditPlan.of(Method.ROME, List.of(1));
        LayerEdit layer = edit(List.of(one), plan).layers().get(0);
        Matrix k = key(model, 1, plan);
        Matrix metric = moment(1).plus(Matrix.identity(k.rows()).scaled(plan.ridge() * square(k)));
        Matrix u = inverse(metric).times(k); // C^-1 k
        double share = k.transposed().times(u).get(0, 0);
        Matrix expected = movements(layer).times(u.transposed()).scaled(1 / share); // (v* - W k) u^T / (u^T k)
        assertClose(layer.change().dense(), expected, 1e-6);
        assertThat(layer.change().rank()).isEqualTo(1);
        assertThat(layer.conditions()).isNotEmpty().allMatch(PostCondition::met);
    }

    @Test
    void theEditedModelHasTheTrainedStateWhereTheSubjectEnds() {
        EditPlan plan = EditPlan.of(Method.ROME, List.of(1));
        Edit edit = edit(List.of(one), plan);
        Site stream = new Site(Site.Kind.RESIDUAL_POST, 1);
        try (LanguageModel edited = model.with(edit.weights(model))) {
            Matrix moved = atSubject(edited, stream, plan).minus(atSubject(model, stream, plan));
            assertClose(moved, movements(edit.layers().get(0)), 1e-4);
        }
    }

    @Test
    void aStateIsNoLongerThanItsClamp() {
        EditPlan plan = EditPlan.of(Method.ROME, List.of(1));
        Matrix output = EditedMatrix.W_DOWN.weight(model, 1).times(key(model, 1, plan));
        assertThat(movements(edit(List.of(one), plan).layers().get(0)).norm())
                .isLessThanOrEqualTo(4.0001 * output.norm());
        plan = EditPlan.of(Method.MEMIT, List.of(1));
        Matrix stream = atSubject(model, new Site(Site.Kind.RESIDUAL_POST, 1), plan);
        assertThat(movements(edit(List.of(one), plan).layers().get(0)).norm())
                .isLessThanOrEqualTo(0.75001 * stream.norm());
    }

    @Test
    void aTrainedStateBringsTheAnswerNearer() {
        EditPlan plan = EditPlan.of(Method.RLS_EDIT, List.of(1)).withHold(0);
        Edit edit = edit(List.of(one), plan);
        try (LanguageModel edited = model.with(edit.weights(model))) {
            assertThat(answerLoss(edited, plan)).isLessThan(answerLoss(model, plan) - 0.05);
        }
    }

    /** The mean negative log-probability of the answer's first token. */
    private static double answerLoss(LanguageModel of, EditPlan plan) {
        EditPrompts.Encoded encoded = encoded(plan);
        double sum = 0;
        for (EditPrompts.Told told : encoded.told()) {
            int[] prompt = Arrays.copyOf(told.ids(), told.ids().length - told.answer());
            float[] logits = of.nextLogits(encoded.prefix(), List.of(prompt)).get(0);
            double total = 0;
            for (float logit : logits) {
                total += Math.exp(logit);
            }
            sum += Math.log(total) - logits[told.target()[0]];
        }
        return sum / encoded.told().size();
    }

    // ---- MEMIT

    @Test
    void memitSolvesItsNormalEquationsForSeveralCasesAtOnce() {
        EditPlan plan = EditPlan.of(Method.MEMIT, List.of(1));
        EditPrompts fed = prompts.of(two, plan);
        LayerEdit layer = bench.edit(fed, plan).layers().get(0);
        Matrix k = keys(fed, 1);
        Matrix c = moment(1).scaled(plan.lambda() * k.rows());
        Matrix expected = movements(layer)
                .times(k.transposed())
                .times(inverse(c.plus(k.times(k.transposed())))); // R K^T (lambda C + K K^T)^-1
        assertClose(layer.change().dense(), expected, 1e-6);
        assertThat(layer.conditions()).isNotEmpty().allMatch(PostCondition::met);
        assertThat(layer.reach()).isBetween(0.0, 1.0);
    }

    @Test
    void everyLayerTakesItsShareOfWhatTheLayersBelowLeft() {
        EditPlan plan = EditPlan.of(Method.MEMIT, List.of(0, 1));
        Edit edit = edit(List.of(one), plan);
        Site stream = new Site(Site.Kind.RESIDUAL_POST, 1);
        Matrix way = movements(edit.layers().get(0)).scaled(2); // half of the way is the first layer's
        Matrix goal = atSubject(model, stream, plan).plus(way);
        Edit below = new Edit(plan, edit.layers().subList(0, 1), edit.deltas().subList(0, 1));
        try (LanguageModel live = model.with(below.weights(model))) {
            assertClose(movements(edit.layers().get(1)), goal.minus(atSubject(live, stream, plan)), 1e-4);
        }
    }

    // ---- AlphaEdit

    @Test
    void alphaEditIsItsFormulaWithTheProjectionOfTheSecondMoment() {
        EditPlan plan = EditPlan.of(Method.ALPHA_EDIT, List.of(1)).withLambda(0.3);
        EditPrompts fed = prompts.of(two, plan);
        LayerEdit layer = bench.edit(fed, plan).layers().get(0);
        Matrix k = keys(fed, 1);
        int d = k.rows();
        var space = moments(EditedMatrix.W_DOWN).nullSpace(1, 0.3);
        assertThat(space.rank()).isBetween(1, d - 1);
        Matrix p = space.project(Matrix.identity(d));
        Matrix kkt = k.times(k.transposed());
        double l2 = plan.ridge() * k.meanSquaredColumnNorm();
        // R K^T P (K K^T P + l I)^-1
        Matrix expected = movements(layer)
                .times(k.transposed())
                .times(p)
                .times(inverse(kkt.times(p).plus(Matrix.identity(d).scaled(l2))));
        assertClose(layer.change().dense(), expected, 1e-6);
        assertThat(layer.conditions()).isNotEmpty().allMatch(PostCondition::met);
        assertThat(layer.warnings()).anyMatch(note -> note.contains("rank " + space.rank() + " of " + d));
    }

    @Test
    void aNullSpaceOfSomeHeadsIsRefused() {
        EditPlan plan = EditPlan.of(Method.ALPHA_EDIT, List.of(1)).within(List.of(HeadAddress.parse("L1H0")));
        assertThatThrownBy(() -> edit(List.of(one), plan))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("whole matrices");
    }

    // ---- RLSEdit

    @Test
    void rlsEditIsWhatItsRecursionComesToKeyByKey() {
        EditPlan plan = EditPlan.of(Method.RLS_EDIT, List.of(1)).withHold(0.5);
        EditPrompts fed = prompts.of(two, plan);
        LayerEdit layer = bench.edit(fed, plan).layers().get(0);
        Matrix k = keys(fed, 1);
        // the state of the recursion: P = (l I + m K_0 K_0^T)^-1, then by Sherman, Morrison and Woodbury for each key
        Matrix p = inverse(Matrix.identity(k.rows())
                .scaled(plan.ridge() * k.meanSquaredColumnNorm())
                .plus(heldGram(fed).scaled(0.5)));
        Matrix change = Matrix.of(
                model.config().dModel(), k.rows(), new double[model.config().dModel() * k.rows()]);
        for (int i = 0; i < 2; i++) {
            Matrix key = Matrix.of(k.rows(), 1, column(k, i));
            Matrix wanted = Matrix.of(model.config().dModel(), 1, column(movements(layer), i));
            Matrix pk = p.times(key);
            double scale = 1 / (1 + key.transposed().times(pk).get(0, 0));
            Matrix error = wanted.minus(change.times(key));
            change = change.plus(error.times(pk.transposed()).scaled(scale));
            p = p.minus(pk.times(pk.transposed()).scaled(scale));
        }
        assertClose(layer.change().dense(), change, 1e-5);
        assertThat(layer.conditions()).isNotEmpty().allMatch(PostCondition::met);
    }

    /** K_0 K_0^T over every token of what must stay. */
    private static Matrix heldGram(EditPrompts fed) {
        EditPrompts.Encoded encoded = fed.encode(model, TinyWorld.protocol());
        Site site = new Site(Site.Kind.MLP_HIDDEN, 1);
        int d = model.config().dMlp();
        double[] gram = new double[d * d];
        List<int[]> ids = new ArrayList<>(encoded.ids().get(Role.PROTECTED));
        ids.addAll(encoded.ids().get(Role.BANK));
        ActivationCache cache = model.run(encoded.prefix(), ids, Set.of(site), List.of(), false);
        for (int i = 0; i < ids.size(); i++) {
            for (int position = 0; position < ids.get(i).length; position++) {
                float[] key = cache.at(i, site, position);
                for (int a = 0; a < d; a++) {
                    for (int b = 0; b < d; b++) {
                        gram[a * d + b] += (double) key[a] * key[b];
                    }
                }
            }
        }
        return Matrix.of(d, d, gram);
    }

    // ---- LoRA

    @Test
    void loraBringsTheAnswerAndChangesOnlyWhatItWasGivenTheSameWayTwice() {
        EditPlan plan = EditPlan.of(Method.LORA, List.of(0, 1));
        Edit edit = edit(List.of(one), plan);
        assertThat(edit.layers())
                .extracting(LayerEdit::tensor)
                .containsExactly(model.mlpOutName(0), model.mlpOutName(1));
        assertThat(edit.layers()).allMatch(layer -> layer.change().rank() <= 4);
        try (LanguageModel edited = model.with(edit.weights(model))) {
            assertThat(answerLoss(edited, plan)).isLessThan(0.5 * answerLoss(model, plan));
        }
        assertThat(edit(List.of(one), plan).layers().get(0).change().dense().toFloats())
                .isEqualTo(edit.layers().get(0).change().dense().toFloats());
    }

    @Test
    void loraStopsAtTheFirstStepWhoseLossIsLowEnough() {
        assertThat(lora(2)).matches("[1-7]\\d steps, the last from a loss of 1\\.\\d+");
        assertThat(lora(0)).startsWith("80 steps");
    }

    private static String lora(double enough) {
        EditPlan plan = EditPlan.of(Method.LORA, List.of(1));
        EditPrompts fed = prompts.of(List.of(one), plan);
        return new LowRankTuning(enough)
                .edit(new EditRequest(
                        model,
                        fed.encode(model, TinyWorld.protocol()),
                        fed.cases(),
                        plan,
                        SubjectEditorTest::moments,
                        new BankKeys(model, EditedMatrix.W_DOWN),
                        Progress.UNWATCHED))
                .get(0)
                .warnings()
                .get(0);
    }

    // ---- layers

    @Test
    void layersAreThoseOfThePapersAtTheSameDepth() {
        assertThat(SubjectForm.rome().layers(28)).containsExactly(5);
        assertThat(SubjectForm.memit().layers(28)).containsExactly(4, 5, 6, 7, 8);
        assertThat(SubjectForm.memit().layers(3)).containsExactly(0, 1);
        assertThat(SubjectForm.rome().layers(2)).containsExactly(0);
    }

    @Test
    void theLastBlockIsRefusedBecauseNothingReadsIt() {
        assertThatThrownBy(() -> edit(List.of(one), EditPlan.of(Method.MEMIT, List.of(1, 2))))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no block reads");
    }

    // ---- dense double arithmetic

    /** The keys of each case at a layer, the mean over its contexts, [d_in, cases]. */
    private static Matrix keys(EditPrompts fed, int layer) {
        EditPrompts.Encoded encoded = fed.encode(model, TinyWorld.protocol());
        int[] marks =
                encoded.told().stream().mapToInt(EditPrompts.Told::subject).toArray();
        return new MarkedPrompts(encoded.prefix(), fed.cases(), encoded.ids().get(Role.EDIT), marks)
                .mean(model, new Site(Site.Kind.MLP_HIDDEN, layer));
    }

    private static double[] column(Matrix matrix, int column) {
        return IntStream.range(0, matrix.rows())
                .mapToDouble(row -> matrix.get(row, column))
                .toArray();
    }

    private static double square(Matrix vector) {
        return vector.norm() * vector.norm();
    }

    private static void assertClose(Matrix found, Matrix expected, double tolerance) {
        assertThat(found.minus(expected).norm()).isCloseTo(0, within(tolerance * expected.norm()));
    }

    /** Gauss and Jordan with row pivots. */
    private static Matrix inverse(Matrix matrix) {
        int n = matrix.rows();
        double[][] rows = new double[n][2 * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                rows[i][j] = matrix.get(i, j);
            }
            rows[i][n + i] = 1;
        }
        for (int pivot = 0; pivot < n; pivot++) {
            int best = pivot;
            for (int i = pivot; i < n; i++) {
                best = Math.abs(rows[i][pivot]) > Math.abs(rows[best][pivot]) ? i : best;
            }
            double[] swapped = rows[best];
            rows[best] = rows[pivot];
            rows[pivot] = swapped;
            double value = swapped[pivot];
            for (int j = 0; j < 2 * n; j++) {
                swapped[j] /= value;
            }
            for (int i = 0; i < n; i++) {
                double factor = rows[i][pivot];
                for (int j = 0; j < 2 * n && i != pivot; j++) {
                    rows[i][j] -= factor * swapped[j];
                }
            }
        }
        double[] values = new double[n * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(rows[i], n, values, i * n, n);
        }
        return Matrix.of(n, n, values);
    }
}
