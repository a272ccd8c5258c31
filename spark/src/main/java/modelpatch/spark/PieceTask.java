package modelpatch.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import modelpatch.BadInput;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Errand;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Does the one piece of a partition, on the model of this executor. */
final class PieceTask extends AbstractFunction1<Iterator<String>, Given> implements Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public Given apply(Iterator<String> errands) {
        ObjectMapper mapper = ReportJson.mapper();
        Errand errand;
        try {
            errand = mapper.readValue(errands.next(), Errand.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        try (Workplace.Seat seat =
                Workplace.take(errand.replica(), TaskContext.get().cpus())) {
            return Given.of(ReportJson.line(errand.piece().on(seat.model(), Clock.systemUTC()))
                    .getBytes(StandardCharsets.UTF_8));
        } catch (Workplace.NoModel e) {
            return Given.of(e.bad(), node());
        } catch (BadInput bad) {
            return Given.of(bad);
        } catch (RuntimeException | Error e) {
            throw new PieceFailed(errand.piece().name(), node(), e);
        }
    }

    private static String node() {
        SparkEnv here = SparkEnv.get();
        return "node " + here.blockManager().blockManagerId().host() + " (executor " + here.executorId() + ")";
    }
}
