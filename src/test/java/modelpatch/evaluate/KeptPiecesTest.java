package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptPiecesTest {
    private static final TypeReference<List<Double>> NUMBERS = new TypeReference<>() {};

    @TempDir
    Path folder;

    private final AtomicInteger made = new AtomicInteger();

    private KeptPieces pieces() {
        return new KeptPieces(folder.resolve("kept").resolve("key"));
    }

    private List<Double> numbers() {
        made.incrementAndGet();
        return List.of(0.1, -0.0, Double.MIN_VALUE, Double.NaN, Double.NEGATIVE_INFINITY, 1 / 3.0);
    }

    @Test
    void aPieceIsDoneOnceAndReadBackToTheBit() {
        List<Double> first = pieces().of("one", NUMBERS, this::numbers);
        List<Double> again = pieces().of("one", NUMBERS, this::numbers);
        assertThat(made).hasValue(1);
        assertThat(again.stream().map(Double::doubleToRawLongBits))
                .isEqualTo(first.stream().map(Double::doubleToRawLongBits).toList());
        pieces().of("another", NUMBERS, this::numbers);
        assertThat(made).hasValue(2);
        assertThat(pieces().count()).isEqualTo(2);
    }

    @Test
    void aDamagedPieceIsDoneAgain() throws IOException {
        pieces().of("one", NUMBERS, this::numbers);
        try (Stream<Path> files = Files.list(folder.resolve("kept/key"))) {
            for (Path file : files.filter(one -> one.toString().endsWith(".json")
                            && !one.getFileName().toString().startsWith("lock"))
                    .toList()) {
                Files.writeString(file, "[0.1,");
            }
        }
        assertThat(pieces().of("one", NUMBERS, this::numbers)).hasSize(6);
        assertThat(made).hasValue(2);
    }

    @Test
    void whoComesWhileAPieceIsDoneWaitsForIt() {
        List<List<Double>> all = IntStream.range(0, 8)
                .parallel()
                .mapToObj(i -> pieces().of("one", NUMBERS, this::numbers))
                .toList();
        assertThat(all).allMatch(one -> one.size() == 6);
        assertThat(made).hasValue(1);
    }

    @Test
    void whatIsForgottenLeavesNoFolder() {
        pieces().of("one", NUMBERS, this::numbers);
        pieces().forget();
        assertThat(folder.resolve("kept")).doesNotExist();
        assertThat(pieces().count()).isZero();
        pieces().forget();
    }

    @Test
    void whereNothingCanBeKeptTheWorkIsDoneAllTheSame() throws IOException {
        Path file = Files.createFile(folder.resolve("a file"));
        KeptPieces nowhere = new KeptPieces(file.resolve("key"));
        assertThat(nowhere.of("one", NUMBERS, this::numbers)).hasSize(6);
        assertThat(nowhere.of("one", NUMBERS, this::numbers)).hasSize(6);
        assertThat(made).hasValue(2);
    }
}
