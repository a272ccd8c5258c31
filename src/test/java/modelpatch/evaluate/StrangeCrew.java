package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import modelpatch.document.ReportJson;

/** Does the last piece first, each from its text, on a model that it opened from its text. */
public final class StrangeCrew implements Crew {
    private final ObjectMapper mapper = ReportJson.mapper();
    private final Replica.Opened own;
    private final List<String> done = new ArrayList<>();

    public StrangeCrew(Replica replica) throws JsonProcessingException {
        String text = mapper.writerFor(Replica.class).writeValueAsString(replica);
        own = mapper.readValue(text, Replica.class).open();
    }

    /** Names of the pieces that were done, in their order. */
    public List<String> done() {
        return done;
    }

    @Override
    public void work(List<? extends Piece<?>> pieces, Onlooker onlooker, BiConsumer<Piece<?>, byte[]> arrived) {
        List<Piece<?>> reversed = new ArrayList<>(pieces);
        Collections.reverse(reversed);
        for (Piece<?> piece : reversed) {
            try {
                String text = mapper.writerFor(Piece.class).writeValueAsString(piece);
                Piece<?> read = mapper.readValue(text, Piece.class);
                assertThat(read.name()).isEqualTo(piece.name());
                arrived.accept(piece, mapper.writeValueAsBytes(read.on(own.model())));
                done.add(piece.name());
            } catch (JsonProcessingException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        own.close();
    }
}
