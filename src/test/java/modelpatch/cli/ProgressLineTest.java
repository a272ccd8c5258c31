package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import modelpatch.evaluate.Stopped;
import org.junit.jupiter.api.Test;

/** Progress where nobody watches: as a log has it. */
class ProgressLineTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Interruption interruption = new Interruption();
    private final Turned clock = new Turned();

    /** A clock that is turned by hand. */
    private static final class Turned extends Clock {
        private Instant now = Instant.parse("2026-01-02T03:04:05Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private ProgressLine line(boolean quiet) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new ProgressLine(
                new Terminal(stream, stream, false, false, false, 100, clock, interruption), "explaining", quiet);
    }

    private void work(ProgressLine line) {
        for (int done = 0; done <= 10; done++) {
            line.at(done, 10);
            clock.now = clock.now.plusSeconds(20);
        }
        line.close();
    }

    @Test
    void aLogGetsAPlainLineEveryHalfMinuteWithShareTimeGoneAndTimeLeft() {
        work(line(false));
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "explaining: 20 % after 0:40 min, about 2:40 min left",
                        "explaining: 40 % after 1:20 min, about 2:00 min left",
                        "explaining: 60 % after 2:00 min, about 1:20 min left",
                        "explaining: 80 % after 2:40 min, about 0:40 min left");
    }

    @Test
    void whoAsksForSilenceGetsIt() {
        work(line(true));
        assertThat(err.size()).isZero();
    }

    @Test
    void ctrlCTakesEffectAtAReportAlsoInSilence() {
        ProgressLine line = line(true);
        interruption.request();
        assertThatThrownBy(() -> line.at(1, 10)).isInstanceOf(Stopped.class);
    }
}
