package modelpatch.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Serializable;
import java.io.UncheckedIOException;
import modelpatch.BadInput;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Piece;
import modelpatch.evaluate.Replica;
import org.apache.spark.SparkEnv;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Does the one piece of a partition, on the model of this executor. */
final class PieceTask extends AbstractFunction1<Iterator<String>, Given> implements Serializable {
    private static final long serialVersionUID = 1;

    private final String replica;

    /** @param replica the model, as JSON */
    PieceTask(String replica) {
        this.replica = replica;
    }

    @Override
    public Given apply(Iterator<String> pieces) {
        ObjectMapper mapper = ReportJson.mapper();
        Piece<?> piece;
        Replica place;
        try {
            piece = mapper.readValue(pieces.next(), Piece.class);
            place = mapper.readValue(replica, Replica.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        try (Workplace.Seat seat = Workplace.take(place)) {
            return Given.of(mapper.writeValueAsBytes(piece.on(seat.model())));
        } catch (Workplace.NoModel e) {
            return Given.of(e.bad(), node());
        } catch (BadInput bad) {
            return Given.of(bad);
        } catch (JsonProcessingException | RuntimeException | Error e) {
            throw new PieceFailed(piece.name(), node(), e);
        }
    }

    private static String node() {
        SparkEnv here = SparkEnv.get();
        return "node " + here.blockManager().blockManagerId().host() + " (executor " + here.executorId() + ")";
    }
}
