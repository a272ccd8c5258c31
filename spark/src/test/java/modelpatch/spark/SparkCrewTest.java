package modelpatch.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.Crews;
import modelpatch.evaluate.Errand;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Piece;
import modelpatch.evaluate.Replica;
import modelpatch.evaluate.Stopped;
import modelpatch.model.LanguageModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of pieces on executors that are threads of this process; the pieces ask nothing of their model. */
class SparkCrewTest {
    private final Crew crew = Crews.on("local[2]", Map.of(), 0);

    @AfterEach
    void close() {
        crew.close();
    }

    /** A model that nobody asks anything. */
    record NoWeights() implements Replica {
        @Override
        public Replica.Opened open(int threads) {
            return new Replica.Opened() {
                @Override
                public LanguageModel model() {
                    return null;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public long memory() {
            return 0;
        }
    }

    /** A node that has other weights. */
    record OtherWeights() implements Replica {
        @Override
        public Replica.Opened open(int threads) {
            throw new BadInput("another model", "/models/m", "weights aa", "bb", "put the same files on every node");
        }

        @Override
        public long memory() {
            return 0;
        }
    }

    record Doubling(int number) implements Piece<Integer> {
        @Override
        public String name() {
            return "twice " + number;
        }

        @Override
        public TypeReference<Integer> type() {
            return new TypeReference<>() {};
        }

        @Override
        public Integer on(LanguageModel model, Clock clock) {
            return 2 * number;
        }
    }

    record Failing(String name) implements Piece<Integer> {
        @Override
        public TypeReference<Integer> type() {
            return new TypeReference<>() {};
        }

        @Override
        public Integer on(LanguageModel model, Clock clock) {
            throw new IllegalStateException("outer", new UncheckedIOException(new IOException("the disk is gone")));
        }
    }

    private static Errand here(Piece<?> piece) {
        return new Errand(new NoWeights(), piece);
    }

    @Test
    void everyPieceComesBackUnderItsOwnName() {
        List<Errand> errands =
                IntStream.range(0, 40).mapToObj(i -> here(new Doubling(i))).toList();
        Map<String, String> given = new TreeMap<>();
        crew.work(
                errands,
                Onlooker.NOBODY,
                (index, json) ->
                        given.put(errands.get(index).piece().name(), new String(json, StandardCharsets.UTF_8)));
        assertThat(given).hasSize(40).containsEntry("twice 0", "0").containsEntry("twice 39", "78");
    }

    @Test
    void anExceptionIsUnwrappedToItsRootWithPieceAndNode() {
        assertThatThrownBy(() ->
                        crew.work(List.of(here(new Failing("the seventh"))), Onlooker.NOBODY, (index, json) -> {}))
                .isInstanceOf(PieceFailed.class)
                .hasMessageContainingAll("IOException: the disk is gone", "'the seventh'", "node localhost")
                .hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void aNodeWithAnotherModelIsNamed() {
        assertThatThrownBy(() -> crew.work(
                        List.of(new Errand(new OtherWeights(), new Doubling(1))), Onlooker.NOBODY, (index, json) -> {}))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("node localhost (executor driver): /models/m: another model", "weights aa");
    }

    @Test
    void theOnlookerEndsTheWork() {
        Onlooker stopping = new Onlooker() {
            @Override
            public Part begin(String name) {
                return Onlooker.NOBODY.begin(name);
            }

            @Override
            public void check() {
                throw new Stopped();
            }
        };
        assertThatThrownBy(() -> crew.work(List.of(here(new Doubling(1))), stopping, (index, json) -> {}))
                .isInstanceOf(Stopped.class);
        everyPieceComesBackUnderItsOwnName();
    }
}
