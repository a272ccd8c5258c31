package modelpatch.thinking;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Tally;

/**
 * How alike a model's layers are when it is asked fast and slowly, beside controls; by kernel alignment ({@link Cka}).
 *
 * @param items questions, one row each
 * @param estimator debiased or biased
 * @param dropped columns that were left out, those that vary most in the fast run
 * @param zScored whether every column was scaled to variance 1
 * @param curves by site, position and pair of prompts
 * @param parting where the curve of slow thinking lies lowest below all controls; empty where no layer is comparable
 */
public record CkaReport(
        EvaluationReport.Model model,
        int items,
        String slow,
        String estimator,
        int dropped,
        boolean zScored,
        List<Curve> curves,
        Optional<Parting> parting) {
    public CkaReport {
        curves = List.copyOf(curves);
    }

    /** What is read of a block. */
    public enum Place {
        /** The residual stream after it; for layer 0 before the first block. */
        RESIDUAL,
        /** What attention adds. */
        ATTENTION,
        /** What the MLP adds. */
        MLP;

        /** As people and files say it. */
        @JsonValue
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Which tokens' states are compared. */
    public enum Position {
        /** The last token of the prompt. */
        LAST,
        /** The mean over the question's own tokens. */
        QMEAN;

        /** As people and files say it. */
        @JsonValue
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What the fast prompt is compared with. */
    public enum Against {
        /** What the slow mode asks last: the last hop, of the bridge that the model itself has named. */
        SLOW,
        /** The model's own answer to the first hop before the question. */
        TOLD,
        /** The question in other words. */
        PARAPHRASE,
        /** Another question's first hop before the question: the form of the slow prompt without its content. */
        FORMAT,
        /** The slow prompts of other questions: what remains when nothing belongs together. */
        PERMUTED;

        /** As people and files say it. */
        @JsonValue
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One curve.
     *
     * @param points from layer 0, the embeddings, on; only the residual stream has that one
     */
    public record Curve(Place place, Position position, Against against, List<Point> points) {
        public Curve {
            points = List.copyOf(points);
        }
    }

    /**
     * One layer.
     *
     * @param layer 0 for the embeddings, l for block l, from 1
     * @param value empty where one of the two representations is constant
     * @param interval from random halves of the bridges; empty for fewer than eight bridges
     */
    public record Point(int layer, OptionalDouble value, Optional<Interval> interval) {}

    /**
     * Where slow thinking parts from fast answering, in the residual stream at the last token, and whether that layer carries the answer.
     *
     * @param layer block, from 1
     * @param gap the lowest control's value less slow's
     * @param asked questions that are wrong fast and right when the slow prompt is read
     * @param withSlow those whose likeliest next token is the answer's once the slow run's state is put there
     * @param withFormat the same with the state of the format control
     * @param elsewhere the same with the slow run's state at the layer of the smallest gap, for comparison
     * @param elsewhereLayer that layer
     */
    public record Parting(
            int layer, double gap, int asked, Tally withSlow, Tally withFormat, Tally elsewhere, int elsewhereLayer) {}
}
