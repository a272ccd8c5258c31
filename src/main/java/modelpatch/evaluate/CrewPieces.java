package modelpatch.evaluate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Pieces that a crew does before their turn comes. What it gave is kept as it comes, by the name of the piece; whoever then asks for the pieces
 * reads them in their own order, so the result is the one of doing them here.
 */
public final class CrewPieces implements Pieces {
    /** Pieces handed to the crew at once: enough for any cluster, few enough for the memory of this machine. */
    private static final int WAVE = 1024;

    private final KeptPieces kept;
    private final Crew crew;
    private final Replica replica;
    private final Onlooker onlooker;

    /**
     * @param kept where results are put and read
     * @param crew stays the caller's
     * @param replica the model that the pieces are of
     * @param onlooker follows the crew's work, and may end it
     */
    public CrewPieces(KeptPieces kept, Crew crew, Replica replica, Onlooker onlooker) {
        this.kept = kept;
        this.crew = crew;
        this.replica = replica;
        this.onlooker = onlooker;
    }

    @Override
    public <T> T of(String name, TypeReference<T> type, Supplier<T> work) {
        return kept.of(name, type, work);
    }

    @Override
    public void ahead(Stream<? extends Piece<?>> pieces) {
        Iterator<? extends Piece<?>> open =
                pieces.filter(piece -> !kept.has(piece)).iterator();
        while (open.hasNext()) {
            List<Piece<?>> wave = new ArrayList<>();
            while (open.hasNext() && wave.size() < WAVE) {
                wave.add(open.next());
            }
            work(wave);
        }
    }

    private void work(List<Piece<?>> wave) {
        int[] done = {0};
        try (Onlooker.Part progress = onlooker.begin("pieces on the cluster")) {
            progress.at(0, wave.size());
            List<Errand> errands =
                    wave.stream().map(piece -> new Errand(replica, piece)).toList();
            crew.work(errands, onlooker, (index, json) -> {
                kept.put(wave.get(index), json);
                progress.at(++done[0], wave.size());
            });
        }
    }
}
