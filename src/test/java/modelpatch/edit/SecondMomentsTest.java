package modelpatch.edit;

import static modelpatch.solve.Matrices.assertClose;
import static modelpatch.solve.Matrices.over;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.evaluate.Progress;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;
import modelpatch.solve.SecondMoment;
import modelpatch.solve.SecondMomentEstimator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecondMomentsTest {
    private static final List<Integer> LAYERS = List.of(0, 1);
    private static final int[] PREFIX = {3, 1, 4};
    private static LanguageModel model;

    @TempDir
    Path directory;

    @BeforeAll
    static void openModel() {
        model = LanguageModel.open(Path.of("src/test/resources/conformance/llama"), LoadOptions.defaults());
    }

    @AfterAll
    static void closeModel() {
        model.close();
    }

    private static List<int[]> text(int sequences) {
        Random random = new Random(1);
        List<int[]> text = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            text.add(random.ints(3 + i % 5, 0, model.config().dVocab()).toArray());
        }
        return text;
    }

    private Map<Integer, SecondMoment> estimate(
            Site.Kind kind, List<Integer> layers, int sequences, Progress progress) {
        SecondMoments moments = new SecondMoments(
                model, model.digest(), kind, PREFIX, text(sequences), SecondMomentCache.at(directory));
        moments.prepare(Set.copyOf(layers), progress);
        Map<Integer, SecondMoment> found = new TreeMap<>();
        layers.forEach(layer -> found.put(layer, moments.at(layer)));
        return found;
    }

    @Test
    void momentsAreMeansOfOuterProductsOverEveryPosition() {
        for (Site.Kind kind : List.of(Site.Kind.Z, Site.Kind.MLP_HIDDEN)) {
            Map<Integer, SecondMoment> moments = estimate(kind, LAYERS, 20, Progress.UNWATCHED);
            for (int layer : LAYERS) {
                Site site = new Site(kind, layer);
                ActivationCache run = model.run(PREFIX, text(20), Set.of(site), List.of(), false);
                int size = moments.get(layer).size();
                double[] sum = new double[size * size];
                int count = 0;
                for (int i = 0; i < 20; i++) {
                    for (int position = 0; position < text(20).get(i).length; position++) {
                        float[] key = run.at(i, site, position);
                        for (int a = 0; a < size; a++) {
                            for (int b = 0; b < size; b++) {
                                sum[a * size + b] += (double) key[a] * key[b];
                            }
                        }
                        count++;
                    }
                }
                assertThat(moments.get(layer).count()).isEqualTo(count);
                assertClose(moments.get(layer).matrix(), over(Matrix.of(size, size, sum), count), 1e-6);
            }
        }
    }

    @Test
    void whatIsCachedIsNotRunAgain() {
        Map<Integer, SecondMoment> first = estimate(Site.Kind.Z, LAYERS, 20, Progress.UNWATCHED);
        Map<Integer, SecondMoment> second = estimate(
                Site.Kind.Z, LAYERS, 20, (done, total) -> assertThat(done).isEqualTo(total));
        for (int layer : LAYERS) {
            assertClose(second.get(layer).matrix(), first.get(layer).matrix(), 0);
            assertThat(second.get(layer).count()).isEqualTo(first.get(layer).count());
        }
    }

    @Test
    void anInterruptedEstimateGoesOnAndEndsInTheSameBytes() throws IOException {
        class Stopped extends RuntimeException {}
        Progress stop = (done, total) -> {
            if (done >= 140) {
                throw new Stopped();
            }
        };
        assertThatThrownBy(() -> estimate(Site.Kind.Z, LAYERS, 200, stop)).isInstanceOf(Stopped.class);
        List<Integer> seen = new ArrayList<>();
        estimate(Site.Kind.Z, LAYERS, 200, (done, total) -> seen.add(done));
        assertThat(seen).first().isEqualTo(128);
        Map<String, byte[]> resumed = files();
        clear();
        estimate(Site.Kind.Z, LAYERS, 200, Progress.UNWATCHED);
        assertThat(files())
                .hasSize(2)
                .allSatisfy((name, bytes) -> assertThat(bytes).isEqualTo(resumed.get(name)));
    }

    @Test
    void aLayerAskedLaterDoesNotDisturbTheOthers() throws IOException {
        estimate(Site.Kind.Z, List.of(1), 40, Progress.UNWATCHED);
        Map<String, byte[]> before = files();
        estimate(Site.Kind.Z, LAYERS, 40, Progress.UNWATCHED);
        assertThat(files()).hasSize(2);
        before.forEach((name, bytes) -> assertThat(directory.resolve(name)).hasBinaryContent(bytes));
    }

    @Test
    void damagedFilesAndFilesOfOtherModelsCountAsAbsent() throws IOException {
        Map<Integer, SecondMoment> first = estimate(Site.Kind.Z, LAYERS, 20, Progress.UNWATCHED);
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            byte[] bytes = file.getValue();
            bytes[bytes.length - 3] ^= 1;
            Files.write(directory.resolve(file.getKey()), bytes);
        }
        Map<Integer, SecondMoment> again = estimate(Site.Kind.Z, LAYERS, 20, Progress.UNWATCHED);
        LAYERS.forEach(l -> assertClose(again.get(l).matrix(), first.get(l).matrix(), 0));
        SecondMomentCache cache = SecondMomentCache.at(directory);
        String textDigest = SecondMomentCache.digest(PREFIX, text(20));
        int size = first.get(0).size();
        Site site = new Site(Site.Kind.Z, 0);
        assertThat(cache.read(new SecondMomentCache.Key(model.digest(), textDigest, site), size))
                .isPresent();
        assertThat(cache.read(new SecondMomentCache.Key("another", textDigest, site), size))
                .isEmpty();
        assertThat(cache.read(new SecondMomentCache.Key(model.digest(), textDigest, site), size + 1))
                .isEmpty();
    }

    @Test
    void anEmptyTextIsRefused() {
        assertThatThrownBy(() -> estimate(Site.Kind.Z, LAYERS, 0, Progress.UNWATCHED))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("empty");
    }

    private Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> list = Files.list(directory)) {
            for (Path file : list.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private void clear() throws IOException {
        for (String name : files().keySet()) {
            Files.delete(directory.resolve(name));
        }
    }

    @Test
    void aSumOfManyPartsIsReadAsItWasWritten() {
        int size = 300; // 45,150 numbers of the triangle
        float[] key = new float[size];
        Random random = new Random(3);
        for (int i = 0; i < size; i++) {
            key[i] = random.nextFloat();
        }
        SecondMomentEstimator sum = new SecondMomentEstimator(size);
        sum.add(key);
        SecondMomentCache cache = SecondMomentCache.at(directory);
        SecondMomentCache.Key wide = new SecondMomentCache.Key("model", "text", new Site(Site.Kind.Z, 0));

        cache.write(wide, new SecondMomentCache.Partial(sum, 1));

        assertThat(cache.read(wide, size).orElseThrow().sum().triangle()).isEqualTo(sum.triangle());
    }
}
