package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import modelpatch.document.ReportJson;

/** Does the last piece first, each from its text, on a model that it opens from its text. */
public final class StrangeCrew implements Crew {
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final ObjectMapper mapper = ReportJson.mapper();
    private final List<String> done = new ArrayList<>();

    /** Names of the pieces that were done, in their order. */
    public List<String> done() {
        return done;
    }

    @Override
    public void work(List<Errand> errands, Onlooker onlooker, Done arrived) {
        for (int i = errands.size() - 1; i >= 0; i--) {
            try {
                Errand read = mapper.readValue(mapper.writeValueAsString(errands.get(i)), Errand.class);
                assertThat(read.piece().name()).isEqualTo(errands.get(i).piece().name());
                try (Replica.Opened own = read.replica().open(1)) {
                    arrived.at(i, mapper.writeValueAsBytes(read.piece().on(own.model(), CLOCK)));
                }
                done.add(read.piece().name());
            } catch (JsonProcessingException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {}
}
